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

    /// <summary>
    /// Items of a context, without repetition, that estimators may sum exactly. Where the reward is sparse: all whose reward may
    /// be non-zero. Where it is dense: those whose reward stands out of the rest, such as the logged action's; mostly none.
    /// </summary>
    ReadOnlySpan<int> RewardedItems(int context);

    /// <summary>Writes r̂(a, x) of the given items [n].</summary>
    void Fill(int context, ReadOnlySpan<int> items, Span<float> rewards);
}
