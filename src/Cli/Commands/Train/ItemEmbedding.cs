using KernelPolicy.Cli.Display;
using KernelPolicy.Cli.Options;
using KernelPolicy.Cli.Ranks;
using KernelPolicy.Data;
using KernelPolicy.Distributed;
using KernelPolicy.Kernels;

namespace KernelPolicy.Cli.Commands;

/// <summary>Makes the item embeddings of a training, by one rank for all or by all, each its own.</summary>
internal sealed class ItemEmbedding(
    EmbeddingChoice choice, ulong seed, WorkerTeam team, IRunProgress progress, CancellationToken cancellation)
{
    /// <summary>The catalogue of a rank.</summary>
    public TrainedCatalogue Make(SessionSplit split, TrainingRanks ranks) => ranks.HasShardsOfItems
        ? new ShardedCatalogue(Shards(split, ranks))
        : new WholeCatalogue(ranks.FromFirst(() => Whole(split), split.ItemCount, choice.Dimension), ranks);

    private Matrix Whole(SessionSplit split)
    {
        progress.Begin("item embeddings");
        SvdResult svd = TruncatedSvd.Compute(
            TrainingMatrix.Build(split.Train, choice.Source), split.ItemCount, Options, team, Progress, cancellation);
        progress.End($"{choice.Dimension} dimensions");
        return svd.ItemFactors;
    }

    // Each rank makes the factors of its own items: none has those of all.
    private SpreadItems Shards(SessionSplit split, TrainingRanks ranks)
    {
        progress.Begin("item embeddings");
        ItemShards shards = new(split.ItemCount, ranks.Count);
        ItemShard own = shards[ranks.Communicator.Rank];
        using TableSums sums = new(ranks.Communicator);
        SvdResult svd = TruncatedSvd.ComputeShard(
            own.PartOf(TrainingMatrix.Build(split.Train, choice.Source)),
            new SvdShard(ranks.Communicator.Rank, ranks.Count, own.First, own.Count, split.ItemCount, sums.Sum, sums.Sum),
            Options,
            team,
            Progress,
            CancellationToken.None);
        progress.End($"{choice.Dimension} dimensions, {own.Count:N0} items a rank");
        return new SpreadItems(ranks.Communicator, shards, svd.ItemFactors, team);
    }

    private SvdOptions Options => new() { Rank = choice.Dimension, SingularPower = choice.SingularPower, Seed = seed };

    private StageProgress<SvdProgress> Progress =>
        new(at => progress.Advance((double)at.Done / at.Total, "singular value decomposition"));
}
