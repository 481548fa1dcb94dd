using System.Numerics.Tensors;
using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>
/// The exact gradient, O(P·L) a context: g = Σ_a π_a r_a β_a − r̄ E_π[β]. The oracle of every test, and a baseline.
/// </summary>
internal sealed unsafe class ExactEstimator : PerContextEstimator
{
    private readonly SoftmaxPass _pass;
    private readonly RewardedItemsSum[] _rewardedSums;
    private readonly BatchRewards? _denseRewards;

    public ExactEstimator(EstimatorSetting setting)
        : base(setting)
    {
        _pass = new SoftmaxPass(setting.BatchSize, setting.Items.Columns);
        _rewardedSums = Enumerable.Range(0, setting.Team.Threads).Select(_ => new RewardedItemsSum(setting.Rewards)).ToArray();
        _denseRewards = setting.Rewards.IsSparse ? null : new BatchRewards(this);
    }

    public override string Name => "exact";

    public override string Description => "exact";

    public override void Dispose()
    {
        _pass.Dispose();
        base.Dispose();
    }

    protected override void Prepare() =>
        _pass.Run(Setting.Items, Batch.Projected, Batch.Count, _denseRewards, Setting.Team);

    protected override void EstimateContext(int position, int context, int worker, float* g)
    {
        double mean;
        if (_denseRewards is not null)
        {
            mean = _pass.MeanReward[position];
            _pass.MeanRewardedItem.PaddedRow(position).CopyTo(new Span<float>(g, Setting.Items.Stride));
        }
        else
        {
            mean = _rewardedSums[worker].Add(
                Setting.Items, Setting.Rewards, context, Batch.Projected.RowPointer(position), _pass.LogZ[position], g);
        }

        Span<float> sum = new(g, Setting.Items.Stride);
        TensorPrimitives.MultiplyAdd(_pass.MeanItem.PaddedRow(position), -(float)mean, sum, sum);
        Report(position, mean);
    }

    /// <summary>The rewards of the batch's contexts, block by block.</summary>
    private sealed class BatchRewards(ExactEstimator estimator) : IBlockReward
    {
        public void Fill(int query, int firstItem, Span<float> rewards)
        {
            Span<int> items = stackalloc int[rewards.Length];
            for (int i = 0; i < items.Length; i++)
                items[i] = firstItem + i;
            estimator.Setting.Rewards.Fill(estimator.Batch.Contexts[query], items, rewards);
        }
    }
}
