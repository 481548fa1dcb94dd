using KernelPolicy.Cli.Ranks;
using KernelPolicy.Data;
using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;

namespace KernelPolicy.Cli.Commands;

/// <summary>Items that every process has; contexts are divided among the ranks, and the first tests.</summary>
internal sealed class WholeCatalogue(Matrix items, TrainingRanks ranks) : TrainedCatalogue
{
    /// <inheritdoc/>
    public override Matrix Items => items;

    /// <inheritdoc/>
    public override TrainingProblem Train(SplitPart part, ContextShares shares, int batchSize) => Problem(part, shares);

    /// <inheritdoc/>
    public override TrainingProblem? Validation(SplitPart part) => ranks.Part(part.Count) is { } own ? Problem(part, own) : null;

    /// <inheritdoc/>
    public override TrainingProblem? Test(SplitPart part) => ranks.IsFirst ? Problem(part, ContextShares.Whole(part.Count)) : null;

    /// <inheritdoc/>
    public override IMipsIndex Scan() => new ExactIndex(items);

    /// <inheritdoc/>
    public override void Save(string path, QueryMap query, IReadOnlyList<string> itemIds, IReadOnlyDictionary<string, string> facts)
    {
        // Not disposed: its tables are those of the training, which disposes them.
        if (ranks.IsFirst)
            PolicyFile.Save(path, new SoftmaxPolicy(query.Theta, items, itemIds, facts, query.Bias));
    }

    /// <inheritdoc/>
    public override void Dispose() => items.Dispose();

    private TrainingProblem Problem(SplitPart part, ContextShares shares) =>
        TrainingProblem.SessionCompletion(items, shares.Select(part.Histories), shares.Select(part.Rewarded)) with { Shares = shares };
}
