using KernelPolicy.Data;
using KernelPolicy.Distributed;
using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;

namespace KernelPolicy.Cli.Commands;

/// <summary>Items of which every rank has a shard; all ranks work on all contexts.</summary>
internal sealed class ShardedCatalogue(SpreadItems shards) : TrainedCatalogue
{
    // As many as an evaluation asks for at once.
    private const int EvaluatedAtOnce = 256;

    private readonly List<IDisposable> _indexes = [];

    /// <inheritdoc/>
    public override Matrix Items => shards.Items;

    /// <inheritdoc/>
    public override SpreadItems Shards => shards;

    /// <inheritdoc/>
    public override TrainingProblem Train(SplitPart part, ContextShares shares, int batchSize) => Problem(part, batchSize);

    /// <inheritdoc/>
    public override TrainingProblem? Validation(SplitPart part) => part.Count == 0 ? null : Problem(part, EvaluatedAtOnce);

    /// <inheritdoc/>
    public override TrainingProblem? Test(SplitPart part) => Problem(part, EvaluatedAtOnce);

    /// <inheritdoc/>
    public override IMipsIndex Scan()
    {
        ExactIndex own = new(shards.OwnItems);
        _indexes.Add(own);
        return shards.Index(own);
    }

    /// <inheritdoc/>
    public override void Save(string path, QueryMap query, IReadOnlyList<string> itemIds, IReadOnlyDictionary<string, string> facts) =>
        shards.Save(path, query, itemIds, facts);

    /// <inheritdoc/>
    public override void Dispose()
    {
        foreach (IDisposable index in _indexes)
            index.Dispose();
        shards.Dispose();
        shards.OwnItems.Dispose();
    }

    private TrainingProblem Problem(SplitPart part, int batchSize) => shards.SessionCompletion(part.Histories, part.Rewarded, batchSize);
}
