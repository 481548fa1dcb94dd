using System.CommandLine;
using KernelPolicy.Policy;

namespace KernelPolicy.Cli.Options;

/// <summary>How sure an off-policy evaluation is to be of what.</summary>
/// <param name="Confidence">Confidence of all intervals.</param>
/// <param name="Replicates">Replicates of the bootstrap; 0 for none.</param>
/// <param name="Rewards">The range of rewards; null where unknown.</param>
internal sealed record IntervalChoice(double Confidence, int Replicates, RewardRange? Rewards);

/// <summary>Options on the intervals of off-policy evaluation.</summary>
internal sealed class IntervalOptionSet : OptionSet<IntervalChoice>
{
    private const int FewestReplicates = 100;

    private readonly Option<double> _confidence = OptionFactory.Number(
        "--confidence", "Confidence of the intervals of the off-policy evaluation.", 0.95, 0.01, 0.999999);

    private readonly Option<int> _replicates = OptionFactory.Number(
        "--bootstrap", "Replicates of the bootstrap, 100 or more; 0 for none.", 1000, 0, 1_000_000);

    private readonly Option<double?> _least = OptionFactory.OptionalNumber(
        "--least-reward", "The least reward that there can be: known, not looked up in the log. 0 unless given.", -1e30, 1e30);

    private readonly Option<double?> _largest = OptionFactory.OptionalNumber(
        "--largest-reward", "The largest that there can be; with it, finite-sample intervals have an upper end.", -1e30, 1e30);

    /// <inheritdoc/>
    public override IEnumerable<Option> All => [_confidence, _replicates, _least, _largest];

    /// <inheritdoc/>
    public override IntervalChoice Bind(ParseResult parsed)
    {
        int replicates = parsed.GetRequiredValue(_replicates);
        if (replicates is > 0 and < FewestReplicates)
            throw new ArgumentException($"--bootstrap is {replicates}; it must be 0, or {FewestReplicates} or more.");
        (double? least, double? largest) = (parsed.GetValue(_least), parsed.GetValue(_largest));
        RewardRange? range = least is null && largest is null ? null : new RewardRange(least ?? 0, largest ?? double.PositiveInfinity);
        return range is { } known && known.Most <= known.Least
            ? throw new ArgumentException($"--largest-reward is {known.Most}; it must be above the least, {known.Least}.")
            : new IntervalChoice(parsed.GetRequiredValue(_confidence), replicates, range);
    }
}
