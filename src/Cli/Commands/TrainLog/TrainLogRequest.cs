using System.CommandLine;
using KernelPolicy.Cli.Options;
using KernelPolicy.Cli.Pipeline;
using KernelPolicy.Data;
using KernelPolicy.Policy;

namespace KernelPolicy.Cli.Commands;

/// <summary>A training on logged decisions, as asked for.</summary>
/// <param name="Log">The decisions and how they are divided.</param>
/// <param name="Embedding">How β is made for histories.</param>
/// <param name="Reward">What of a decision is learnt from.</param>
/// <param name="Model">The model of the reward.</param>
/// <param name="Estimator">How gradients are estimated.</param>
/// <param name="Objective">What is made large.</param>
/// <param name="Training">Epochs, optimiser, batches.</param>
/// <param name="BiasAudit">How the estimator is audited.</param>
/// <param name="Interval">How sure the evaluation is to be.</param>
/// <param name="Index">Which index recommends.</param>
/// <param name="Device">Where steps run.</param>
/// <param name="Threads">Threads.</param>
/// <param name="Folder">Where results go.</param>
/// <param name="Resume">Whether to go on from the folder's checkpoint.</param>
/// <param name="Output">How results are shown.</param>
internal sealed record TrainLogRequest(
    LogRecipe Log,
    EmbeddingChoice Embedding,
    RewardChoice Reward,
    RewardModelChoice Model,
    EstimatorOptions Estimator,
    ObjectiveChoice Objective,
    TrainingOptions Training,
    BiasAuditChoice BiasAudit,
    IntervalChoice Interval,
    IndexChoice Index,
    DeviceChoice Device,
    int Threads,
    RunFolder Folder,
    bool Resume,
    OutputChoice Output);

/// <summary>All options of a training on logged decisions.</summary>
internal sealed class TrainLogOptionSet : OptionSet<TrainLogRequest>
{
    private readonly LogOptionSet _log = new("Files of logged decisions, plain or gzipped. Without any, a synthetic log is drawn.");
    private readonly LogSplitOptionSet _split = new();
    private readonly RewardOptionSet _reward = new();
    private readonly RewardModelOptionSet _model = new("(dr, clipped-dr, and in the evaluation)");
    private readonly EstimatorOptionSet _estimator = new();
    private readonly ObjectiveOptionSet _objective = new();

    // A log tells of actions taken, not of likeness to a history: a policy that starts even has nothing to unlearn.
    private readonly TrainingOptionSet _training = new("decisions", "normal", 1e-2);
    private readonly BiasAuditOptionSet _biasAudit = new();
    private readonly IntervalOptionSet _interval = new();
    private readonly IndexOptionSet _index = new();
    private readonly DeviceOptionSet _device = new();
    private readonly ThreadOptionSet _threads = new();
    private readonly SeedOptionSet _seed = new();
    private readonly RunOptionSet _run = new();
    private readonly OutputOptionSet _output = new();

    private readonly Option<int> _dimension = OptionFactory.Number(
        "--dim", "Dimensions of the item embeddings that are made of histories, L.", 64, 1, 4096);

    private readonly Option<float> _power = OptionFactory.Number(
        "--singular-power", "Power p of the singular values in these embeddings VΣ^p: 0 for V alone.", 1f, -4, 4);

    /// <inheritdoc/>
    public override IEnumerable<Option> All =>
    [
        .. _log.All, .. _split.All, _dimension, _power, .. _reward.All, .. _model.All, .. _objective.All, .. _estimator.All,
        .. _training.All, .. _biasAudit.All, .. _interval.All, .. _index.All, .. _device.All, .. _threads.All, .. _seed.All, .. _run.All, .. _output.All,
    ];

    /// <inheritdoc/>
    public override TrainLogRequest Bind(ParseResult parsed)
    {
        ulong seed = _seed.Bind(parsed);
        (RunFolder folder, bool resume) = _run.Bind(parsed);
        TrainLogRequest request = new(
            new LogRecipe(_log.Bind(parsed), _split.Bind(parsed), seed),
            new EmbeddingChoice(parsed.GetRequiredValue(_dimension), EmbeddingSource.Histories, parsed.GetRequiredValue(_power)),
            _reward.Bind(parsed),
            _model.Bind(parsed),
            _estimator.Bind(parsed),
            _objective.Bind(parsed),
            _training.Bind(parsed) with { Seed = seed, CheckpointPath = folder.Checkpoint },
            _biasAudit.Bind(parsed),
            _interval.Bind(parsed),
            _index.Bind(parsed),
            _device.Bind(parsed),
            _threads.Bind(parsed),
            folder,
            resume,
            _output.Bind(parsed));
        Check(request);
        return request;
    }

    private static void Check(TrainLogRequest request)
    {
        if (!request.Reward.IsDoublyRobust)
            return;
        if (request.Model.Kind == RewardModelChoice.None)
            throw new ArgumentException($"--reward {request.Reward.Kind} corrects a model of the reward; --reward-model none leaves it without.");
        if (request.Objective.Kind == ObjectiveKind.LogLikelihood)
        {
            throw new ArgumentException(
                $"--objective log-likelihood sums over rewarded items; --reward {request.Reward.Kind} gives every item a reward.");
        }
    }
}
