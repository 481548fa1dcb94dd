using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>
/// The part of g that the few rewarded items of a context contribute, exactly: Σ_Y π r β and Σ_Y π r, given ln Z, for the
/// expected reward; Σ_Y r β and Σ_Y r for the log-likelihood.
/// </summary>
/// <remarks>Not thread-safe: one a worker.</remarks>
internal sealed unsafe class RewardedItemsSum
{
    private readonly float[] _rewards;
    private readonly float[] _coefficients;

    /// <summary>Makes room for the context with the most rewarded items.</summary>
    public RewardedItemsSum(IRewardSource rewards)
    {
        int longest = rewards.MostRewardedItems();
        _rewards = new float[longest];
        _coefficients = new float[longest];
    }

    /// <summary>π r of the rewarded items of the context that <see cref="Add"/> was asked for last, and room beyond.</summary>
    public ReadOnlySpan<float> Coefficients => _coefficients;

    /// <summary>Adds Σ_Y π r β to <paramref name="g"/> and returns Σ_Y π r.</summary>
    public double Add(Matrix items, IRewardSource rewards, int context, float* h, double logZ, float* g)
    {
        ReadOnlySpan<int> rewarded = rewards.RewardedItems(context);
        Span<float> c = _coefficients.AsSpan(0, rewarded.Length);
        rewards.Fill(context, rewarded, _rewards);
        RowScores.Gather(h, items, rewarded, c);
        double mean = 0;
        for (int j = 0; j < c.Length; j++)
        {
            double share = Math.Exp(c[j] - logZ) * _rewards[j];
            c[j] = (float)share;
            mean += share;
        }

        WeightedRows.Accumulate(items, rewarded, c, g);
        return mean;
    }

    /// <summary>Adds Σ_Y r β to <paramref name="g"/> and returns Σ_Y r.</summary>
    public double AddLogLikelihood(Matrix items, IRewardSource rewards, int context, float* g)
    {
        ReadOnlySpan<int> rewarded = rewards.RewardedItems(context);
        rewards.Fill(context, rewarded, _rewards);
        WeightedRows.Accumulate(items, rewarded, _rewards, g);
        double total = 0;
        for (int j = 0; j < rewarded.Length; j++)
            total += _rewards[j];
        return total;
    }

    /// <summary>Σ_Y π r, given ln Z.</summary>
    public double Mean(Matrix items, IRewardSource rewards, int context, float* h, double logZ)
    {
        ReadOnlySpan<int> rewarded = rewards.RewardedItems(context);
        Span<float> scores = _coefficients.AsSpan(0, rewarded.Length);
        rewards.Fill(context, rewarded, _rewards);
        RowScores.Gather(h, items, rewarded, scores);
        double mean = 0;
        for (int j = 0; j < scores.Length; j++)
            mean += Math.Exp(scores[j] - logZ) * _rewards[j];
        return mean;
    }
}
