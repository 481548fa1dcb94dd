using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>Session completion: r̂(a, x) = 1 where a is among the hidden items Y of the session, else 0 (paper, section
/// 5).</summary>
public sealed class SessionReward : IRewardSource
{
    private readonly SparseRows _rewarded;
    private readonly ulong[] _filters;

    /// <summary>Takes Y: for each context its items, rising.</summary>
    /// <exception cref="ArgumentException">The items of a context do not rise.</exception>
    public SessionReward(SparseRows rewarded)
    {
        ArgumentNullException.ThrowIfNull(rewarded);
        _filters = new ulong[rewarded.Count];
        for (int context = 0; context < rewarded.Count; context++)
        {
            int previous = -1;
            foreach (int item in rewarded[context])
            {
                if (item <= previous)
                    throw new ArgumentException(
                        $"The rewarded items of context {context} must rise from 0, but {item} follows {previous}.", nameof(rewarded));
                previous = item;
                _filters[context] |= Bit(item);
            }
        }

        _rewarded = rewarded;
    }

    /// <inheritdoc/>
    public int Count => _rewarded.Count;

    /// <inheritdoc/>
    public bool IsSparse => true;

    /// <inheritdoc/>
    public ReadOnlySpan<int> RewardedItems(int context) => _rewarded[context];

    /// <inheritdoc/>
    public void Fill(int context, ReadOnlySpan<int> items, Span<float> rewards)
    {
        ReadOnlySpan<int> rewarded = _rewarded[context];
        ulong filter = _filters[context];
        for (int i = 0; i < items.Length; i++)
        {
            // Most draws are not rewarded, and one bit says so without a search.
            bool hit = (filter & Bit(items[i])) != 0 && rewarded.BinarySearch(items[i]) >= 0;
            rewards[i] = hit ? 1 : 0;
        }
    }

    private static ulong Bit(int item) => 1UL << (int)((uint)item * 0x9E3779B1u >> 26);
}
