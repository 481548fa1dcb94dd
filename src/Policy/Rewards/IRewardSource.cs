namespace KernelPolicy.Policy;

/// <summary>The reward estimate r̂(a, x) of items in the contexts of a data set.</summary>
/// <remarks>Pure and safe for concurrent calls.</remarks>
public interface IRewardSource
{
    /// <summary>Number of contexts, N.</summary>
    int Count { get; }

    /// <summary>
    /// Whether the reward of every item outside <see cref="RewardedItems"/> is zero, and those are few. The exact
    /// estimators then need no reward for the others.
    /// </summary>
    bool IsSparse { get; }

    /// <summary>Items whose reward may be non-zero in a context, without repetition; empty where the reward is not
    /// sparse.</summary>
    ReadOnlySpan<int> RewardedItems(int context);

    /// <summary>Writes r̂(a, x) of the given items [n].</summary>
    void Fill(int context, ReadOnlySpan<int> items, Span<float> rewards);
}
