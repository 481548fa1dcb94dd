using System.Numerics;

namespace KernelPolicy.Distributed;

/// <summary>What a request to several shards was given, and what is missing from it.</summary>
/// <param name="Found">Items found, best first in the spans of the request.</param>
/// <param name="MissingShards">Shards whose items were not searched: bit s for shard s.</param>
/// <param name="MissingHistory">Shards whose items of the history are not in the context, which is the mean of the others: bit s for
/// shard s.</param>
/// <param name="SearchedItems">Items of the shards that have answered.</param>
/// <param name="Items">P.</param>
public readonly record struct ShardedAnswer(int Found, ulong MissingShards, ulong MissingHistory, int SearchedItems, int Items)
{
    /// <summary>Whether it is what one recommender over all items would have been asked: no shard is missing from it.</summary>
    public bool IsComplete => (MissingShards | MissingHistory) == 0;

    /// <summary>The share of the catalogue that was searched, 0 to 1.</summary>
    public double SearchedShare => Items == 0 ? 0 : (double)SearchedItems / Items;

    /// <summary>How many shards are missing, from the search or from the context.</summary>
    public int CountMissing => BitOperations.PopCount(MissingShards | MissingHistory);

    /// <summary>Whether a shard is missing, from the search or from the context.</summary>
    public bool IsMissing(int shard) => shard is >= 0 and < ShardPlace.MostShards && (((MissingShards | MissingHistory) >> shard) & 1) != 0;
}

/// <summary>What one request may be given, and how long it may take.</summary>
public readonly ref struct ShardedScope
{
    /// <summary>Items that are left out, by their numbers among all: a short list, in any order. So many more are searched.</summary>
    public ReadOnlySpan<int> Excluded { get; init; }

    /// <summary>When the answer is given with whatever has come; that of the recommender's options where null.</summary>
    public TimeSpan? Deadline { get; init; }
}
