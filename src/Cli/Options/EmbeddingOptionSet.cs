using System.CommandLine;
using KernelPolicy.Data;

namespace KernelPolicy.Cli.Options;

/// <summary>How item embeddings β are made.</summary>
/// <param name="Dimension">L.</param>
/// <param name="Source">What they are made of.</param>
/// <param name="SingularPower">Power to which singular values scale them.</param>
internal sealed record EmbeddingChoice(int Dimension, EmbeddingSource Source, float SingularPower);

/// <summary>Options on item embeddings.</summary>
internal sealed class EmbeddingOptionSet : OptionSet<EmbeddingChoice>
{
    private readonly Option<int> _dimension = OptionFactory.Number(
        "--dim", "Dimensions of the item embeddings, L.", 64, 1, 4096);

    private readonly Option<string> _source = OptionFactory.Choice(
        "--svd-on", "What of the training users the embeddings are made of: x, their histories; xy, the hidden items as well.",
        "x", "xy");

    private readonly Option<float> _power = OptionFactory.Number(
        "--singular-power", "Power p of the singular values in the embeddings VΣ^p: 0 for V alone.", 1f, -4, 4);

    /// <inheritdoc/>
    public override IEnumerable<Option> All => [_dimension, _source, _power];

    /// <inheritdoc/>
    public override EmbeddingChoice Bind(ParseResult parsed) => new(
        parsed.GetRequiredValue(_dimension),
        parsed.GetRequiredValue(_source) == "xy" ? EmbeddingSource.HistoriesAndRewarded : EmbeddingSource.Histories,
        parsed.GetRequiredValue(_power));
}
