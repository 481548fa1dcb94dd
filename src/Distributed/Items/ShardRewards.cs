using KernelPolicy.Kernels;
using KernelPolicy.Policy;

namespace KernelPolicy.Distributed;

/// <summary>Rewards of a catalogue as one shard sees them: of its own items, by their numbers there.</summary>
/// <remarks>Safe for concurrent calls where the rewards of the catalogue are.</remarks>
public sealed class ShardRewards : IRewardSource
{
    private readonly IRewardSource _rewards;
    private readonly SparseRows _rewarded;
    private readonly ItemShard _shard;

    /// <summary>Takes the rewards of all items, of which it keeps the numbers of the rewarded ones that are its own.</summary>
    /// <param name="rewards">r̂ by the items' numbers in the catalogue.</param>
    /// <param name="shard">Whose items are seen.</param>
    public ShardRewards(IRewardSource rewards, ItemShard shard)
    {
        ArgumentNullException.ThrowIfNull(rewards);
        (_rewards, _shard) = (rewards, shard);
        _rewarded = ShardRows.Of(rewards.Count, rewards.RewardedItems, shard);
    }

    /// <inheritdoc/>
    public int Count => _rewards.Count;

    /// <inheritdoc/>
    public bool IsSparse => _rewards.IsSparse;

    /// <inheritdoc/>
    public ReadOnlySpan<int> RewardedItems(int context) => _rewarded[context];

    /// <inheritdoc/>
    public void Fill(int context, ReadOnlySpan<int> items, Span<float> rewards)
    {
        Span<int> numbers = stackalloc int[256];
        for (int first = 0; first < items.Length; first += numbers.Length)
        {
            ReadOnlySpan<int> part = items.Slice(first, Math.Min(numbers.Length, items.Length - first));
            for (int i = 0; i < part.Length; i++)
                numbers[i] = part[i] + _shard.First;
            _rewards.Fill(context, numbers[..part.Length], rewards.Slice(first, part.Length));
        }
    }
}
