namespace KernelPolicy.Policy;

/// <summary>A reward of the user's own: any pure function of context and item, non-zero anywhere.</summary>
public sealed class RewardFunction : IRewardSource
{
    private readonly Func<int, int, float> _reward;

    /// <summary>Takes the function.</summary>
    /// <param name="contexts">N.</param>
    /// <param name="reward">(context, item) → finite reward. Called from several threads.</param>
    public RewardFunction(int contexts, Func<int, int, float> reward)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(contexts);
        ArgumentNullException.ThrowIfNull(reward);
        Count = contexts;
        _reward = reward;
    }

    /// <inheritdoc/>
    public int Count { get; }

    /// <inheritdoc/>
    public bool IsSparse => false;

    /// <inheritdoc/>
    public ReadOnlySpan<int> RewardedItems(int context) => [];

    /// <inheritdoc/>
    public void Fill(int context, ReadOnlySpan<int> items, Span<float> rewards)
    {
        for (int i = 0; i < items.Length; i++)
            rewards[i] = _reward(context, items[i]);
    }
}
