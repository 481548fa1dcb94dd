using System.CommandLine;
using KernelPolicy.Policy;

namespace KernelPolicy.Cli.Options;

/// <summary>How the estimator of the gradient is audited.</summary>
/// <param name="Contexts">Training users; null to audit some where that costs little.</param>
/// <param name="Repetitions">R, estimates of each.</param>
internal sealed record BiasAuditChoice(int? Contexts, int Repetitions)
{
    private const int UsualContexts = 64;

    // 64 exact gradients over so many numbers of β take a fraction of a second.
    private const long LargestTable = 1L << 24;

    // With R estimates of each, at most a tenth of an epoch's.
    private const int LargestShare = 10;

    /// <summary>The training with this audit. Unless a number was given: 64 users, fewer where R estimates of each were more than
    /// a tenth of an epoch, and none where P·L is above 2^24 or the estimator is exact already.</summary>
    public TrainingOptions Apply(TrainingOptions training, EstimatorOptions estimator, TrainingProblem problem)
    {
        // Of share 0, whose size all ranks know: all audit, or none.
        bool isCheap = estimator is not ExactOptions && problem.Items.Rows * problem.Items.Columns <= LargestTable;
        int usual = isCheap ? Math.Min(UsualContexts, problem.Shares.SizeOf(0) / (LargestShare * Repetitions)) : 0;
        return training with { BiasAuditContexts = Contexts ?? usual, BiasAuditRepetitions = Repetitions };
    }
}

/// <summary>Options on the audit of the gradient.</summary>
internal sealed class BiasAuditOptionSet : OptionSet<BiasAuditChoice>
{
    private readonly Option<int?> _contexts = OptionFactory.OptionalNumber(
        "--bias-audit",
        "Training users on whom the estimator is compared with the exact gradient, before the first epoch and after each; 0 for none. " +
            "Unless given, up to 64 where it is cheap. Steps on a device are not audited.",
        0, 10_000);

    private readonly Option<int> _repetitions = OptionFactory.Number(
        "--bias-audit-repetitions", "Estimates of each audited user.", 16, 3, 1000);

    /// <inheritdoc/>
    public override IEnumerable<Option> All => [_contexts, _repetitions];

    /// <inheritdoc/>
    public override BiasAuditChoice Bind(ParseResult parsed) =>
        new(parsed.GetValue(_contexts), parsed.GetRequiredValue(_repetitions));
}
