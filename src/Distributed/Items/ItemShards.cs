using KernelPolicy.Kernels;

namespace KernelPolicy.Distributed;

/// <summary>How a catalogue lies with ranks: rank r of n has the items P r / n to P (r + 1) / n, that one not included.</summary>
/// <remarks>Immutable: safe for concurrent use.</remarks>
public sealed class ItemShards
{
    /// <summary>Divides a catalogue.</summary>
    /// <param name="items">P, at least n.</param>
    /// <param name="ranks">n, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are no ranks, or some would be without an item.</exception>
    public ItemShards(int items, int ranks)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(ranks, 1);
        if (items < ranks)
            throw new ArgumentOutOfRangeException(nameof(items), items, $"Each of {ranks} ranks needs an item of its own: there must be at least {ranks}.");
        (Items, Ranks) = (items, ranks);
    }

    /// <summary>P.</summary>
    public int Items { get; }

    /// <summary>n.</summary>
    public int Ranks { get; }

    /// <summary>What a rank has; at least one item.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such rank.</exception>
    public ItemShard this[int rank]
    {
        get
        {
            if ((uint)rank >= (uint)Ranks)
                throw new ArgumentOutOfRangeException(nameof(rank), rank, $"Ranks are 0 to {Ranks - 1}.");
            int first = (int)((long)Items * rank / Ranks);
            return new ItemShard(first, (int)((long)Items * (rank + 1) / Ranks) - first);
        }
    }

    /// <summary>Which rank has an item.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such item.</exception>
    public int RankOf(int item)
    {
        if ((uint)item >= (uint)Items)
            throw new ArgumentOutOfRangeException(nameof(item), item, $"Items are 0 to {Items - 1}.");
        return (int)((((item + 1L) * Ranks) - 1) / Items);
    }
}

/// <summary>Items that lie together with one rank.</summary>
/// <param name="First">The first.</param>
/// <param name="Count">How many.</param>
public readonly record struct ItemShard(int First, int Count)
{
    /// <summary>The item after the last.</summary>
    public int End => First + Count;

    /// <summary>Whether an item of the catalogue is one of them.</summary>
    public bool Contains(int item) => item >= First && item < End;

    /// <summary>What rows of items of the catalogue leave to this shard: its own items, by their numbers here, in the same order.</summary>
    public SparseRows PartOf(SparseRows rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return ShardRows.Of(rows.Count, row => rows[row], this);
    }
}
