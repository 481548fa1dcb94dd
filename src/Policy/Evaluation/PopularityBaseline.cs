using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>
/// The reward of recommending to everyone the most popular item that is not in their own history: what any learned
/// policy must beat.
/// </summary>
public static class PopularityBaseline
{
    /// <summary>How often each item occurs in a set of rows [P].</summary>
    public static int[] Count(SparseRows rows, int items)
    {
        ArgumentNullException.ThrowIfNull(rows);
        int[] counts = new int[items];
        foreach (int item in rows.Items)
            counts[item]++;
        return counts;
    }

    /// <summary>R of the baseline.</summary>
    /// <param name="popularity">How often each item occurs in the training data [P].</param>
    /// <param name="histories">The history of each context, passed over.</param>
    /// <param name="rewards">Rewards of the same contexts.</param>
    public static double Reward(IReadOnlyList<int> popularity, SparseRows histories, IRewardSource rewards)
    {
        ArgumentNullException.ThrowIfNull(popularity);
        ArgumentNullException.ThrowIfNull(histories);
        ArgumentNullException.ThrowIfNull(rewards);
        if (histories.Count != rewards.Count)
            throw new ArgumentException($"There are {histories.Count} histories but rewards of {rewards.Count} contexts.", nameof(rewards));
        int[] ranked = Enumerable.Range(0, popularity.Count).OrderByDescending(item => popularity[item]).ThenBy(item => item).ToArray();
        double sum = 0;
        Span<float> reward = stackalloc float[1];
        for (int context = 0; context < histories.Count; context++)
        {
            ReadOnlySpan<int> history = histories[context];
            int rank = 0;
            while (rank < ranked.Length - 1 && history.Contains(ranked[rank]))
                rank++;
            rewards.Fill(context, ranked.AsSpan(rank, 1), reward);
            sum += reward[0];
        }

        return histories.Count == 0 ? double.NaN : sum / histories.Count;
    }
}
