namespace KernelPolicy.Distributed;

/// <summary>Shards that belong together.</summary>
internal static class ShardSet
{
    /// <summary>Throws unless the places are all of one set, each shard once, in their order.</summary>
    /// <exception cref="InvalidDataException">They are not.</exception>
    public static void Check(IReadOnlyList<ShardPlace> places)
    {
        if (places.Count == 0)
            throw new InvalidDataException("There are no shards.");
        ShardPlace first = places[0];
        for (int i = 0; i < places.Count; i++)
            CheckSame(first.Other(i), places[i]);
        if (places.Count != first.Shards)
            throw new InvalidDataException($"There are {places.Count} shards of a set of {first.Shards}.");
    }

    /// <summary>Throws unless a shard is what it is expected to be.</summary>
    /// <exception cref="InvalidDataException">It is not; the message says how.</exception>
    public static void CheckSame(ShardPlace expected, ShardPlace found)
    {
        if (found.Set != expected.Set || found.Items != expected.Items || found.Shards != expected.Shards || found.Dimension != expected.Dimension)
            throw new InvalidDataException($"A shard of {Text(expected)} expected, found one of {Text(found)}: they are not of one set.");
        if (found.Shard != expected.Shard)
            throw new InvalidDataException($"Shard {expected.Shard} of {expected.Shards} expected, found shard {found.Shard}.");
    }

    private static string Text(ShardPlace place) => $"set {place.Set} ({place.Shards} shards, {place.Items} items of {place.Dimension} dimensions)";
}
