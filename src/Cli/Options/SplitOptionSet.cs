using System.CommandLine;
using KernelPolicy.Data;

namespace KernelPolicy.Cli.Options;

/// <summary>Options on how users or decisions are divided.</summary>
/// <param name="what">What is divided.</param>
internal sealed class SplitOptionSet(string what = "users") : OptionSet<SplitOptions>
{
    private readonly Option<double> _train = OptionFactory.Number(
        "--train-share", $"Share of the {what} to train on.", 0.8, 0.0, 1.0);

    private readonly Option<double> _validation = OptionFactory.Number(
        "--validation-share", $"Share of the {what} to watch progress by; what is left is for the test.", 0.1, 0.0, 1.0);

    /// <inheritdoc/>
    public override IEnumerable<Option> All => [_train, _validation];

    /// <inheritdoc/>
    public override SplitOptions Bind(ParseResult parsed) => new()
    {
        TrainFraction = parsed.GetRequiredValue(_train),
        ValidationFraction = parsed.GetRequiredValue(_validation),
    };
}
