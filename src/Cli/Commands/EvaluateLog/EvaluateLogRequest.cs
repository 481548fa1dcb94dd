using System.CommandLine;
using KernelPolicy.Cli.Options;
using KernelPolicy.Policy;

namespace KernelPolicy.Cli.Commands;

/// <summary>An off-policy evaluation, as asked for. One of policy, uniform and column says whose.</summary>
/// <param name="Log">The decisions; no files for those that the policy was trained on.</param>
/// <param name="Policy">Folder of a training; null for another kind of policy.</param>
/// <param name="IsUniform">Whether the policy is uniform.</param>
/// <param name="Column">Column of the log with the policy's probabilities of the actions taken.</param>
/// <param name="Decisions">Which part of the decisions: auto, test, validation, train or all.</param>
/// <param name="Clip">The rule of the clipped estimators; null for the usual one.</param>
/// <param name="Lambda">λ of logarithmic smoothing; null for the usual one.</param>
/// <param name="Interval">Confidence, bootstrap, range of rewards.</param>
/// <param name="Model">The model of the reward.</param>
/// <param name="Probabilities">How a trained policy's probabilities are found.</param>
/// <param name="Index">Which index finds the best items, where they are estimated.</param>
/// <param name="Seed">Seed of the bootstrap and of draws.</param>
/// <param name="Threads">Threads.</param>
/// <param name="Output">How results are shown.</param>
internal sealed record EvaluateLogRequest(
    LogSource Log,
    string? Policy,
    bool IsUniform,
    string? Column,
    string Decisions,
    WeightClip? Clip,
    double? Lambda,
    IntervalChoice Interval,
    RewardModelChoice Model,
    ProbabilityChoice Probabilities,
    IndexChoice Index,
    ulong Seed,
    int Threads,
    OutputChoice Output);

/// <summary>All options of an off-policy evaluation.</summary>
internal sealed class EvaluateLogOptionSet : OptionSet<EvaluateLogRequest>
{
    private readonly LogOptionSet _log = new(
        "Files of logged decisions. Without any, those that the policy was trained on. A trained policy reads them as its own log, unless told otherwise.");

    private readonly IntervalOptionSet _interval = new();
    private readonly RewardModelOptionSet _model = new("(direct method, doubly robust)");
    private readonly ProbabilityOptionSet _probabilities = new();
    private readonly IndexOptionSet _index = new();
    private readonly SeedOptionSet _seed = new();
    private readonly ThreadOptionSet _threads = new();
    private readonly OutputOptionSet _output = new();

    private readonly Option<string?> _policy = OptionFactory.Text(
        "--policy", "Evaluate the policy in this folder of a training, or policy file.", "DIR");

    private readonly Option<bool> _uniform = OptionFactory.Switch("--uniform", "Evaluate the policy that takes each item alike.");

    private readonly Option<string?> _column = OptionFactory.Text(
        "--probabilities-column",
        "Evaluate the policy whose probability of the action taken is in this column of the log; of it there is no direct method.",
        "COLUMN");

    private readonly Option<string> _decisions = OptionFactory.Choice(
        "--decisions",
        "Which decisions: those kept for the test, for validation, those trained on, or all. auto: the test's of the policy's own log, all of another.",
        "auto", "test", "validation", "train", "all");

    private readonly Option<double?> _clip = OptionFactory.OptionalNumber(
        "--clip", "τ: clip weights as π/max(τ, p). Without it and --largest-weight, at √N.", 1e-300, 1.0);

    private readonly Option<double?> _largest = OptionFactory.OptionalNumber(
        "--largest-weight", "M: clip weights as min(π/p, M).", 1e-300, 1e300);

    private readonly Option<double?> _lambda = OptionFactory.OptionalNumber(
        "--lambda", "λ of logarithmic smoothing; 1/√N unless given.", 1e-300, 1e300);

    /// <inheritdoc/>
    public override IEnumerable<Option> All =>
    [
        .. _log.All, _policy, _uniform, _column, _decisions, _clip, _largest, _lambda, .. _interval.All, .. _model.All, .. _probabilities.All,
        .. _index.All, .. _seed.All, .. _threads.All, .. _output.All,
    ];

    /// <inheritdoc/>
    public override EvaluateLogRequest Bind(ParseResult parsed)
    {
        LogSource log = _log.Bind(parsed);
        string? policy = parsed.GetValue(_policy);
        bool isUniform = parsed.GetValue(_uniform);
        string? column = parsed.GetValue(_column);
        if ((policy is null ? 0 : 1) + (isUniform ? 1 : 0) + (column is null ? 0 : 1) != 1)
            throw new ArgumentException("Say whose value is asked for, by one of --policy, --uniform and --probabilities-column.");
        if (policy is null && log.IsSynthetic)
            throw new ArgumentException("Name the files of the log with --log; only --policy has a log of its own.");
        string decisions = parsed.GetRequiredValue(_decisions);
        if (policy is null && decisions is not ("auto" or "all"))
            throw new ArgumentException($"--decisions {decisions} is for --policy, whose training divided its log.");
        (double? tau, double? most) = (parsed.GetValue(_clip), parsed.GetValue(_largest));
        if (tau is not null && most is not null)
            throw new ArgumentException("--clip and --largest-weight are two rules for the same weights; give one.");
        WeightClip? clip = tau is { } floor ? WeightClip.AtPropensity(floor) : most is { } weight ? WeightClip.AtWeight(weight) : null;
        return new EvaluateLogRequest(
            log,
            policy,
            isUniform,
            column,
            decisions,
            clip,
            parsed.GetValue(_lambda),
            _interval.Bind(parsed),
            _model.Bind(parsed),
            _probabilities.Bind(parsed),
            _index.Bind(parsed),
            _seed.Bind(parsed),
            _threads.Bind(parsed),
            _output.Bind(parsed));
    }
}
