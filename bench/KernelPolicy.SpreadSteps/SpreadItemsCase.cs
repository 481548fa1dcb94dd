using KernelPolicy.Distributed;
using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;

namespace KernelPolicy.SpreadSteps;

/// <summary>A shard of the items on each rank, all contexts on all.</summary>
internal sealed class SpreadItemsCase : SpreadCase
{
    private readonly Matrix _own;
    private readonly SpreadItems _items;
    private readonly HnswIndex _index;

    public SpreadItemsCase(ICommunicator communicator, SpreadRequest request)
        : base(communicator, request)
    {
        ItemShards shards = new(request.Items, communicator.Size);
        ItemShard shard = shards[communicator.Rank];
        _own = new Matrix(shard.Count, request.Dimension);
        for (int item = 0; item < shard.Count; item++)
            Workload.Items.PaddedRow(shard.First + item).CopyTo(_own.PaddedRow(item));
        _items = new SpreadItems(communicator, shards, _own, Team);
        _index = Graph(_own, $"shard-{communicator.Rank}-of-{communicator.Size}-{request.Items}");
    }

    protected override string Spread => "items";

    public override void Dispose()
    {
        _index.Dispose();
        _items.Dispose();
        _own.Dispose();
        base.Dispose();
    }

    protected override SpreadSteps Prepare(int batchSize)
    {
        TrainingProblem problem = _items.SessionCompletion(Workload.Histories, Workload.Rewarded, batchSize);
        ShardedStrataEstimator estimator = _items.Estimator(problem, new StrataOptions(Request.TopK, Request.Tail), batchSize, Seed, _index);
        TrainingStep steps = new(problem, estimator, new Matrix(Request.Dimension, Request.Dimension), batchSize, new AdamOptions(), Team);
        long bytes = RankReduction.TotalBytes(Communicator.Size, batchSize, (2 * Request.Dimension) + 2)
            + RankReduction.TotalBytes(Communicator.Size, batchSize, Request.Dimension);
        return new SpreadSteps(steps, problem.Contexts.Count, batchSize, batchSize, bytes, () => estimator.JoinSeconds, estimator);
    }
}
