using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>A reward of the user's own: any pure function of context and item, non-zero anywhere or within a declared
/// support.</summary>
public sealed class RewardFunction : IRewardSource
{
    private readonly Func<int, int, float> _reward;
    private readonly SparseRows? _support;

    /// <summary>Takes a function that may be non-zero anywhere.</summary>
    /// <param name="contexts">N.</param>
    /// <param name="reward">(context, item) → finite reward. Called from several threads.</param>
    public RewardFunction(int contexts, Func<int, int, float> reward)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(contexts);
        ArgumentNullException.ThrowIfNull(reward);
        Count = contexts;
        _reward = reward;
    }

    /// <summary>Takes a function that counts on few items a context: the reward of all others is 0, and it is not asked of
    /// them.</summary>
    /// <param name="support">For each of N contexts the items whose reward may be non-zero, rising.</param>
    /// <param name="reward">(context, item) → finite reward. Called from several threads.</param>
    /// <exception cref="ArgumentException">The items of a context do not rise.</exception>
    public RewardFunction(SparseRows support, Func<int, int, float> reward)
    {
        ArgumentNullException.ThrowIfNull(support);
        ArgumentNullException.ThrowIfNull(reward);
        for (int context = 0; context < support.Count; context++)
        {
            int previous = -1;
            foreach (int item in support[context])
            {
                if (item <= previous)
                    throw new ArgumentException($"The items of context {context} must rise from 0, but {item} follows {previous}.", nameof(support));
                previous = item;
            }
        }

        (Count, _support, _reward) = (support.Count, support, reward);
    }

    /// <inheritdoc/>
    public int Count { get; }

    /// <inheritdoc/>
    public bool IsSparse => _support is not null;

    /// <inheritdoc/>
    public ReadOnlySpan<int> RewardedItems(int context) => _support is null ? [] : _support[context];

    /// <inheritdoc/>
    public void Fill(int context, ReadOnlySpan<int> items, Span<float> rewards)
    {
        if (_support is null)
        {
            for (int i = 0; i < items.Length; i++)
                rewards[i] = _reward(context, items[i]);
            return;
        }

        ReadOnlySpan<int> support = _support[context];
        for (int i = 0; i < items.Length; i++)
            rewards[i] = support.BinarySearch(items[i]) >= 0 ? _reward(context, items[i]) : 0;
    }
}
