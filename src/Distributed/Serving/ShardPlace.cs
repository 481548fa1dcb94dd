using System.Globalization;
using KernelPolicy.Policy;

namespace KernelPolicy.Distributed;

/// <summary>Which part of which catalogue a shard holds: shard s of n, items P·s/n to P·(s+1)/n of P.</summary>
/// <remarks>In a bundle it stands as facts: "shard", "shards", "shard-items" (P) and "shard-set".</remarks>
/// <param name="Set">Which set of shards it belongs to: a hash of n, Θ, b, β, the ids, and what is held of the items, so that shards of
/// different trainings are told apart. Of a bundle of all items it is a hash of its facts, P and L alone.</param>
/// <param name="Shard">s, from 0.</param>
/// <param name="Shards">n, 1 to <see cref="MostShards"/>.</param>
/// <param name="Items">P, items of all shards together.</param>
/// <param name="Dimension">L.</param>
public sealed record ShardPlace(string Set, int Shard, int Shards, int Items, int Dimension)
{
    /// <summary>The most shards of a set: those that are missing from an answer are bits of one number.</summary>
    public const int MostShards = 64;

    /// <summary>Characters of <see cref="Set"/>: hexadecimal digits.</summary>
    internal const int SetDigits = 32;

    private const int MostDimensions = 1 << 20;
    private const string ShardFact = "shard", ShardsFact = "shards", ItemsFact = "shard-items", SetFact = "shard-set";

    /// <summary>Number of its first item among all.</summary>
    public int First => FirstOf(Shard);

    /// <summary>How many items it holds.</summary>
    public int Count => FirstOf(Shard + 1) - First;

    /// <summary>The place of a bundle; a bundle of all items is a set of one shard, told from others by its facts.</summary>
    /// <exception cref="InvalidDataException">What its facts say does not fit together.</exception>
    public static ShardPlace Of(ServingBundle bundle)
    {
        ArgumentNullException.ThrowIfNull(bundle);
        return Of(bundle.Facts, (int)bundle.Items.Rows, bundle.Items.Columns);
    }

    /// <summary>The place that facts tell of, of a shard that has so many items.</summary>
    /// <exception cref="InvalidDataException">They do not fit together.</exception>
    internal static ShardPlace Of(IReadOnlyDictionary<string, string> facts, int count, int dimension)
    {
        if (!facts.ContainsKey(ShardFact))
            return new ShardPlace(ShardSetHash.OfFacts(facts, count, dimension), 0, 1, count, dimension);
        ShardPlace place = new(facts.GetValueOrDefault(SetFact) ?? "", Number(ShardFact), Number(ShardsFact), Number(ItemsFact), dimension);
        if (place.Fault() is { } fault)
            throw new InvalidDataException($"The facts of the shard: {fault}");
        return place.Count == count
            ? place
            : throw new InvalidDataException($"Shard {place.Shard} of {place.Shards} of {place.Items} items has {place.Count}; the bundle holds {count}.");

        int Number(string name) =>
            int.TryParse(facts.GetValueOrDefault(name), NumberStyles.None, CultureInfo.InvariantCulture, out int value)
                ? value
                : throw new InvalidDataException($"The facts of the shard: '{name}' must be a number, not '{facts.GetValueOrDefault(name)}'.");
    }

    /// <summary>The facts of a policy with those of the shard.</summary>
    internal Dictionary<string, string> AddTo(IReadOnlyDictionary<string, string> facts) => new(facts)
    {
        [ShardFact] = Shard.ToString(CultureInfo.InvariantCulture),
        [ShardsFact] = Shards.ToString(CultureInfo.InvariantCulture),
        [ItemsFact] = Items.ToString(CultureInfo.InvariantCulture),
        [SetFact] = Set,
    };

    /// <summary>What is wrong with the numbers; null where they make sense.</summary>
    internal string? Fault() => this switch
    {
        { Shards: < 1 or > MostShards } => $"1 to {MostShards} shards expected, found {Shards}.",
        { Shard: < 0 } => $"a shard of 0 to {Shards - 1} expected, found {Shard}.",
        _ when Shard >= Shards => $"a shard of 0 to {Shards - 1} expected, found {Shard}.",
        _ when Items < Shards => $"at least an item for each of {Shards} shards expected, found {Items}.",
        { Dimension: < 1 or > MostDimensions } => $"1 to {MostDimensions} dimensions expected, found {Dimension}.",
        _ when Set is null || Set.Length != SetDigits || !Set.All(char.IsAsciiHexDigitLower) => $"a hash of {SetDigits} hexadecimal digits expected, found '{Set}'.",
        _ => null,
    };

    /// <summary>The place of another shard of the set.</summary>
    internal ShardPlace Other(int shard) => this with { Shard = shard };

    private int FirstOf(int shard) => (int)((long)Items * shard / Shards);
}
