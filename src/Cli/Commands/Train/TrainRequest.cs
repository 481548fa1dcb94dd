using System.CommandLine;
using KernelPolicy.Cli.Options;
using KernelPolicy.Cli.Pipeline;
using KernelPolicy.Policy;

namespace KernelPolicy.Cli.Commands;

/// <summary>A training, as asked for.</summary>
/// <param name="Data">Users and items.</param>
/// <param name="Embedding">How β is made.</param>
/// <param name="Estimator">How gradients are estimated.</param>
/// <param name="Objective">What is made large.</param>
/// <param name="Training">Epochs, optimiser, batches.</param>
/// <param name="Index">Which index recommends.</param>
/// <param name="Device">Where steps run.</param>
/// <param name="Threads">Threads.</param>
/// <param name="Folder">Where results go.</param>
/// <param name="Resume">Whether to go on from the folder's checkpoint.</param>
/// <param name="Output">How results are shown.</param>
internal sealed record TrainRequest(
    DataRecipe Data,
    EmbeddingChoice Embedding,
    EstimatorOptions Estimator,
    ObjectiveChoice Objective,
    TrainingOptions Training,
    IndexChoice Index,
    DeviceChoice Device,
    int Threads,
    RunFolder Folder,
    bool Resume,
    OutputChoice Output)
{
    /// <summary>K of the recall that is reported, where the estimator asks the index for none.</summary>
    private const int UsualRecallK = 20;

    /// <summary>How the estimator of the gradient is audited.</summary>
    public required BiasAuditChoice BiasAudit { get; init; }

    /// <summary>How the training is spread over ranks.</summary>
    public required SpreadChoice Spread { get; init; }

    /// <summary>K of the recall that is reported: what the estimator asks the index for.</summary>
    public int RecallK => Estimator.NeedsIndex ? Estimator.RetrievedItems : UsualRecallK;
}

/// <summary>All options of a training.</summary>
internal sealed class TrainOptionSet : OptionSet<TrainRequest>
{
    private readonly DataOptionSet _data = new("Files of interactions, plain or gzipped. Without any, a synthetic log is drawn.");
    private readonly SplitOptionSet _split = new();
    private readonly EmbeddingOptionSet _embedding = new();
    private readonly EstimatorOptionSet _estimator = new();
    private readonly ObjectiveOptionSet _objective = new();
    private readonly TrainingOptionSet _training = new();
    private readonly ItemOptionSet _items = new();
    private readonly BiasAuditOptionSet _biasAudit = new();
    private readonly IndexOptionSet _index = new();
    private readonly DeviceOptionSet _device = new();
    private readonly SpreadOptionSet _spread = new();
    private readonly ThreadOptionSet _threads = new();
    private readonly SeedOptionSet _seed = new();
    private readonly RunOptionSet _run = new();
    private readonly OutputOptionSet _output = new();

    /// <inheritdoc/>
    public override IEnumerable<Option> All =>
    [
        .. _data.All, .. _split.All, .. _embedding.All, .. _estimator.All, .. _objective.All, .. _training.All, .. _items.All,
        .. _biasAudit.All, .. _index.All, .. _device.All, .. _spread.All, .. _threads.All, .. _seed.All, .. _run.All, .. _output.All,
    ];

    /// <inheritdoc/>
    public override TrainRequest Bind(ParseResult parsed)
    {
        ulong seed = _seed.Bind(parsed);
        ItemLearning items = _items.Bind(parsed);
        (RunFolder folder, bool resume) = _run.Bind(parsed);
        SpreadChoice spread = _spread.Bind(parsed);
        if (spread.Kind == SpreadChoice.Items)
            CheckShards(_estimator.Bind(parsed), _objective.Bind(parsed), items);
        return new TrainRequest(
            new DataRecipe(_data.Bind(parsed), _split.Bind(parsed), seed),
            _embedding.Bind(parsed),
            For(items, _estimator.Bind(parsed)),
            _objective.Bind(parsed),
            _training.Bind(parsed) with { Items = items, Seed = seed, CheckpointPath = folder.Checkpoint },
            _index.Bind(parsed),
            _device.Bind(parsed),
            _threads.Bind(parsed),
            folder,
            resume,
            _output.Bind(parsed))
        {
            BiasAudit = _biasAudit.Bind(parsed),
            Spread = spread,
        };
    }

    // Heard of now, not after minutes of reading.
    private static void CheckShards(EstimatorOptions estimator, ObjectiveChoice objective, ItemLearning items)
    {
        if (estimator is not StrataOptions { Reuse: HeadReuse.None, RelativeError: null })
            throw new ArgumentException("--spread items needs --estimator strata, whose sums add up over shards, without --relative-error and --search-every.");
        if (objective.Reference is not null || !objective.WithoutReference.IsDefault)
            throw new ArgumentException("--spread items makes the expected reward large: leave out --objective, --kl-weight and --reference.");
        if (items is not FrozenItems)
            throw new ArgumentException("--spread items leaves items as they are: leave out --items.");
    }

    // The control variate sums over a catalogue that stays as it is.
    private static EstimatorOptions For(ItemLearning items, EstimatorOptions estimator) =>
        items is LearnedItems && estimator is StrataOptions strata ? strata with { Control = false } : estimator;
}
