namespace KernelPolicy.Distributed;

/// <summary>Shards that belong together.</summary>
internal static class ShardSet
{
    /// <summary>Throws unless the places are all of one set, each shard once, in their order.</summary>
    /// <param name="places">The places.</param>
    /// <param name="names">What messages call each; null for no names.</param>
    /// <exception cref="InvalidDataException">They are not.</exception>
    public static void Check(IReadOnlyList<ShardPlace> places, IReadOnlyList<string>? names = null)
    {
        if (places.Count == 0)
            throw new InvalidDataException("There are no shards.");
        if (places.Count > ShardPlace.MostShards)
            throw new InvalidDataException($"There are {places.Count} shards; a set has up to {ShardPlace.MostShards}.");
        ShardPlace first = places[0] ?? throw new InvalidDataException("Shard 0 has no place.");
        for (int i = 0; i < places.Count; i++)
        {
            string name = names is null ? "" : $"{names[i]}: ";
            ShardPlace place = places[i] ?? throw new InvalidDataException($"{name}Shard {i} has no place.");
            if (place.Fault() is { } fault)
                throw new InvalidDataException($"{name}The place of shard {i}: {fault}");
            CheckSame(first.Other(i), place, name);
        }

        if (places.Count != first.Shards)
            throw new InvalidDataException($"There are {places.Count} shards of a set of {first.Shards}.");
    }

    /// <summary>Throws unless a shard is what it is expected to be.</summary>
    /// <exception cref="InvalidDataException">It is not; the message says how.</exception>
    public static void CheckSame(ShardPlace expected, ShardPlace found, string name = "")
    {
        if (found.Set != expected.Set || found.Items != expected.Items || found.Shards != expected.Shards || found.Dimension != expected.Dimension)
            throw new InvalidDataException($"{name}A shard of {Text(expected)} expected, found one of {Text(found)}: they are not of one set.");
        if (found.Shard != expected.Shard)
            throw new InvalidDataException($"{name}Shard {expected.Shard} of {expected.Shards} expected, found shard {found.Shard}.");
    }

    private static string Text(ShardPlace place) => $"set {place.Set} ({place.Shards} shards, {place.Items} items of {place.Dimension} dimensions)";
}
