using System.Numerics.Tensors;
using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>
/// The exact gradient, O(P·L) a context: g = Σ_a π_a ρ_a β_a − ρ̄ E_π[β], ρ being the reward and the pull to the reference; for
/// the log-likelihood Σ_Y r_a (β_a − E_π[β]). The oracle of every test, and a baseline.
/// </summary>
internal sealed unsafe class ExactEstimator : PerContextEstimator
{
    private readonly SoftmaxPass _pass;
    private readonly RewardedItemsSum[] _rewardedSums;
    private readonly BlockReward? _blockReward;

    public ExactEstimator(EstimatorSetting setting)
        : base(setting)
    {
        _pass = new SoftmaxPass(setting.BatchSize, setting.Items.Columns);
        _rewardedSums = Enumerable.Range(0, setting.Team.Threads).Select(_ => new RewardedItemsSum(setting.Rewards)).ToArray();
        _blockReward = setting.Rewards.IsSparse && setting.Objective.KlWeight == 0 ? null : new BlockReward(this);
    }

    public override string Name => "exact";

    protected override string Method => "exact";

    public override void Dispose()
    {
        _pass.Dispose();
        base.Dispose();
    }

    protected override void Prepare() =>
        _pass.Run(Setting.Items, Batch.Projected, Batch.Count, _blockReward, Setting.Team);

    protected override void EstimateContext(int position, int context, int worker, float* g)
    {
        RewardedItemsSum rewarded = _rewardedSums[worker];
        float* h = Batch.Projected.RowPointer(position);
        Span<float> sum = new(g, Setting.Items.Stride);

        // What the few rewarded items contribute by themselves, and how often E_π[β] is subtracted for it.
        double mean, total;
        if (Objective.Kind == ObjectiveKind.LogLikelihood)
        {
            total = rewarded.AddLogLikelihood(Setting.Items, Setting.Rewards, context, g);
            mean = rewarded.Mean(Setting.Items, Setting.Rewards, context, h, _pass.LogZ[position]);
        }
        else if (Setting.Rewards.IsSparse)
        {
            total = mean = rewarded.Add(Setting.Items, Setting.Rewards, context, h, _pass.LogZ[position], g);
            Keep(position, Setting.Rewards.RewardedItems(context), rewarded.Coefficients);
        }
        else
        {
            (total, mean) = (0, PlainMean(position));
        }

        if (_blockReward is not null)
        {
            total += _pass.MeanReward[position];
            TensorPrimitives.Add(sum, _pass.MeanRewardedItem.PaddedRow(position), sum);
        }

        TensorPrimitives.MultiplyAdd(_pass.MeanItem.PaddedRow(position), -(float)total, sum, sum);
        Setting.Coefficients?.AddSoftmax(position, _pass.LogZ[position], -total);
        Report(position, mean);
    }

    /// <summary>E_π[r] of a dense reward: the pull to the reference is in the pass's, and E_π[(h − h_ref)·β] is
    /// (h − h_ref)·E_π[β].</summary>
    private double PlainMean(int position)
    {
        float* drift = Drift(position);
        double mean = _pass.MeanReward[position];
        return drift == null
            ? mean
            : mean + (Objective.KlWeight * RowScores.Dot(drift, _pass.MeanItem.RowPointer(position), Setting.Items.Stride));
    }

    /// <summary>Block by block, what may be non-zero anywhere of the rewards of the batch's contexts: dense rewards, and
    /// −λ (h − h_ref)·β.</summary>
    private sealed class BlockReward(ExactEstimator estimator) : IBlockReward
    {
        private readonly float _klWeight = (float)estimator.Objective.KlWeight;

        public void Fill(int query, int firstItem, Span<float> rewards)
        {
            EstimatorSetting setting = estimator.Setting;
            if (setting.Rewards.IsSparse)
            {
                rewards.Clear();
            }
            else
            {
                Span<int> items = stackalloc int[rewards.Length];
                for (int i = 0; i < items.Length; i++)
                    items[i] = firstItem + i;
                setting.Rewards.Fill(estimator.Batch.Contexts[query], items, rewards);
            }

            float* drift = estimator.Drift(query);
            if (drift == null)
                return;
            for (int i = 0; i < rewards.Length; i++)
                rewards[i] -= _klWeight * RowScores.Dot(drift, setting.Items.RowPointer((long)firstItem + i), setting.Items.Stride);
        }
    }
}
