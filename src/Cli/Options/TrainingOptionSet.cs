using System.CommandLine;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;

namespace KernelPolicy.Cli.Options;

/// <summary>Options on the course of a training. Seed and checkpoint are the command's to add.</summary>
/// <param name="what">What an epoch passes over.</param>
/// <param name="initialisation">First values where none are asked for.</param>
/// <param name="rate">The learning rate where none is asked for.</param>
internal sealed class TrainingOptionSet(string what = "users", string initialisation = "identity", double rate = 3e-4) : OptionSet<TrainingOptions>
{
    private readonly Option<string> _init = OptionFactory.Choice(
        "--init", "First values of Θ: identity recommends what is like the history; normal starts from a nearly uniform policy.",
        initialisation == "identity" ? ["identity", "normal"] : ["normal", "identity"]);

    private readonly Option<double> _initScale = OptionFactory.Number(
        "--init-scale", "Standard deviation of normal first values.", 0.005, 0, 1e6);

    private readonly Option<int> _epochs = OptionFactory.Number("--epochs", $"Passes over the training {what}.", 6, 1, 1_000_000);

    private readonly Option<double> _learningRate = OptionFactory.Number(
        "--learning-rate", "Step size of Adam.", rate, 1e-12, 1e3);

    private readonly Option<string> _schedule = OptionFactory.Choice(
        "--schedule", "How the learning rate falls over the training.", "constant", "linear", "cosine");

    private readonly Option<int> _warmup = OptionFactory.Number(
        "--warmup-steps", "Steps over which the learning rate rises at first.", 0, 0, int.MaxValue);

    private readonly Option<double> _weightDecay = OptionFactory.Number(
        "--weight-decay", "Weight of the L2 penalty on Θ.", 0.0, 0, 1e6);

    private readonly Option<int> _batchSize = OptionFactory.Number(
        "--batch-size", $"Size of a batch, B: {what} a step.", 32, 1, 1 << 20);

    private readonly Option<int> _patience = OptionFactory.Number(
        "--patience", "Stop after so many epochs without a better validation reward, and take the best; 0 trains them all and takes the last.",
        0, 0, int.MaxValue);

    private readonly Option<int> _checkpointEvery = OptionFactory.Number(
        "--checkpoint-every", "Steps between checkpoints within an epoch; 0 for none. There is one after each epoch and on Ctrl-C.",
        0, 0, int.MaxValue);

    private readonly Option<int> _auditQueries = OptionFactory.Number(
        "--audit-queries",
        $"Training {what} on whose queries the hnsw index is compared with the exact scan, before the first epoch and after each; 0 for none.",
        128, 0, 1_000_000);

    private readonly Option<int> _auditEvery = OptionFactory.Number(
        "--audit-every", "Steps between further audits within an epoch; 0 for none.", 0, 0, int.MaxValue);

    private readonly Option<double> _recallBound = OptionFactory.Number(
        "--recall-bound",
        "Where the index finds less than this share of the softmax mass of the top K, it is searched more widely, or every item is scanned; 0 only measures.",
        0.99, 0, 1);

    /// <inheritdoc/>
    public override IEnumerable<Option> All =>
    [
        _init, _initScale, _epochs, _learningRate, _schedule, _warmup, _weightDecay, _batchSize, _patience, _checkpointEvery,
        _auditQueries, _auditEvery, _recallBound,
    ];

    /// <inheritdoc/>
    public override TrainingOptions Bind(ParseResult parsed) => new()
    {
        Initialisation = parsed.Value<ThetaInitialisation>(_init),
        InitialScale = parsed.GetRequiredValue(_initScale),
        Epochs = parsed.GetRequiredValue(_epochs),
        LearningRate = new LearningRate(
            parsed.GetRequiredValue(_learningRate),
            parsed.Value<LearningRateSchedule>(_schedule),
            parsed.GetRequiredValue(_warmup)),
        Adam = new AdamOptions(WeightDecay: parsed.GetRequiredValue(_weightDecay)),
        BatchSize = parsed.GetRequiredValue(_batchSize),
        Patience = parsed.GetRequiredValue(_patience),
        CheckpointEverySteps = parsed.GetRequiredValue(_checkpointEvery),
        AuditQueries = parsed.GetRequiredValue(_auditQueries),
        AuditEverySteps = parsed.GetRequiredValue(_auditEvery),
        RecallBound = parsed.GetRequiredValue(_recallBound),
    };
}
