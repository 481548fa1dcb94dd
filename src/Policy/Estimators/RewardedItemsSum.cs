using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>
/// The part of g that the few rewarded items of a context contribute, exactly: Σ_Y π r β and Σ_Y π r, given ln Z.
/// </summary>
/// <remarks>Not thread-safe: one a worker.</remarks>
internal sealed unsafe class RewardedItemsSum
{
    private float[] _rewards = new float[64];
    private float[] _coefficients = new float[64];

    /// <summary>Adds Σ_Y π r β to <paramref name="g"/> and returns Σ_Y π r.</summary>
    public double Add(Matrix items, IRewardSource rewards, int context, float* h, double logZ, float* g)
    {
        ReadOnlySpan<int> rewarded = rewards.RewardedItems(context);
        if (rewarded.Length > _rewards.Length)
        {
            _rewards = new float[rewarded.Length * 2];
            _coefficients = new float[rewarded.Length * 2];
        }

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
}
