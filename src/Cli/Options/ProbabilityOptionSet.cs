using System.CommandLine;

namespace KernelPolicy.Cli.Options;

/// <summary>How the probabilities π(a|x) of a policy are found.</summary>
/// <param name="Kind">auto, exact or estimated.</param>
/// <param name="TopK">K items summed exactly (estimated).</param>
/// <param name="Tail">l items drawn of the rest (estimated).</param>
internal sealed record ProbabilityChoice(string Kind, int TopK, int Tail)
{
    // As for the estimators of the gradient: up to here a pass over the catalogue is cheap.
    private const int MostExactItems = 100_000;

    /// <summary>What is taken where nothing is asked for.</summary>
    public static ProbabilityChoice Usual { get; } = new("auto", 256, 1024);

    /// <summary>Whether the normaliser is a sum over all P items.</summary>
    public bool IsExact(long items) => Kind == "exact" || (Kind == "auto" && items <= MostExactItems);
}

/// <summary>Options on the probabilities of a policy.</summary>
internal sealed class ProbabilityOptionSet : OptionSet<ProbabilityChoice>
{
    private readonly Option<string> _kind = OptionFactory.Choice(
        "--probabilities",
        "How the policy's probabilities are found: exact sums over all items; estimated over the best and some of the rest. auto is exact up to 100,000 items.",
        "auto", "exact", "estimated");

    private readonly Option<int> _topK = OptionFactory.Number(
        "--top-k", "Best items that are summed exactly, K (estimated).", ProbabilityChoice.Usual.TopK, 1, 1_000_000);

    private readonly Option<int> _tail = OptionFactory.Number(
        "--tail", "Items drawn of the rest, l (estimated).", ProbabilityChoice.Usual.Tail, 2, 10_000_000);

    /// <inheritdoc/>
    public override IEnumerable<Option> All => [_kind, _topK, _tail];

    /// <inheritdoc/>
    public override ProbabilityChoice Bind(ParseResult parsed) =>
        new(parsed.GetRequiredValue(_kind), parsed.GetRequiredValue(_topK), parsed.GetRequiredValue(_tail));
}
