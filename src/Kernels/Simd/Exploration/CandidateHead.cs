using System.Numerics.Tensors;

namespace KernelPolicy.Kernels;

/// <summary>
/// The items of one request in two parts: the head H, which is known item by item, and the tail T, of which only the number is
/// known and whether an item is in it. H is what an index retrieved, less what may not be shown; T is everything else that may.
/// </summary>
/// <remarks>
/// <para>What may be shown: the items that a set allows and that are not excluded. Retrieved items that may not be shown are
/// dropped, but still count in <see cref="LeastRetrieved"/>: nothing outside an exact top K scores more than its last.</para>
/// <para>Not thread-safe: one a worker. Allocates only for longer lists of excluded items than any before.</para>
/// </remarks>
public sealed unsafe class CandidateHead
{
    private readonly int[] _items;
    private readonly float[] _scores;
    private readonly double[] _logits;
    private readonly int _added;
    private ItemLookup _lookup;
    private int _room;

    /// <summary>Makes room.</summary>
    /// <param name="headCapacity">The most items that are retrieved, at least 1.</param>
    /// <param name="excludedCapacity">Items excluded that there is room for from the start.</param>
    /// <param name="addedCapacity">The most tail items that <see cref="Add"/> may take in.</param>
    /// <exception cref="ArgumentOutOfRangeException">A capacity is out of range.</exception>
    public CandidateHead(int headCapacity, int excludedCapacity, int addedCapacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(headCapacity, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(excludedCapacity);
        ArgumentOutOfRangeException.ThrowIfNegative(addedCapacity);
        (_items, _scores, _logits) = (new int[headCapacity], new float[headCapacity], new double[headCapacity]);
        _added = addedCapacity;
        _room = checked(headCapacity + excludedCapacity + addedCapacity);
        _lookup = new ItemLookup(_room);
    }

    /// <summary>|H|.</summary>
    public int Count { get; private set; }

    /// <summary>|T|.</summary>
    public int Outside { get; private set; }

    /// <summary>The items of H, best first.</summary>
    public ReadOnlySpan<int> Items => _items.AsSpan(0, Count);

    /// <summary>Their scores f.</summary>
    public ReadOnlySpan<float> Scores => _scores.AsSpan(0, Count);

    /// <summary>Their logits φ = f/T.</summary>
    public ReadOnlySpan<double> Logits => _logits.AsSpan(0, Count);

    /// <summary>1/T.</summary>
    public double InverseTemperature { get; private set; }

    /// <summary>The least score retrieved, dropped items included.</summary>
    public float LeastRetrieved { get; private set; }

    /// <summary>Takes what was retrieved.</summary>
    /// <param name="retrieved">Items [K], K at least 1, none twice.</param>
    /// <param name="scores">Their scores [K], finite.</param>
    /// <param name="inverseTemperature">1/T, above 0.</param>
    /// <param name="allowed">What may be shown.</param>
    /// <param name="excluded">What of it may not; repeats do no harm.</param>
    /// <exception cref="ArgumentException">There is no item or more than there is room for, an item stands twice or is not one of the
    /// P, or a length differs.</exception>
    public void Set<TSet>(
        ReadOnlySpan<int> retrieved, ReadOnlySpan<float> scores, double inverseTemperature, in TSet allowed, ReadOnlySpan<int> excluded)
        where TSet : struct, IItemSet
    {
        if (retrieved.IsEmpty || retrieved.Length > _items.Length)
            throw new ArgumentException($"{retrieved.Length} items were retrieved; there must be 1 to {_items.Length}.", nameof(retrieved));
        if (scores.Length != retrieved.Length)
            throw new ArgumentException($"There are {retrieved.Length} items but {scores.Length} scores.", nameof(scores));
        int room = checked(_items.Length + excluded.Length + _added);
        if (room > _room)
        {
            _room = (int)Math.Max(room, Math.Min(2L * _room, int.MaxValue / 4));
            _lookup = new ItemLookup(_room);
        }

        _lookup.Set([]);
        int blocked = 0;
        foreach (int item in excluded)
        {
            Check(item, allowed.Items, nameof(excluded));
            if (allowed.Allows(item) && _lookup.Add(item))
                blocked++;
        }

        (Count, InverseTemperature) = (0, inverseTemperature);
        for (int k = 0; k < retrieved.Length; k++)
        {
            int item = retrieved[k];
            Check(item, allowed.Items, nameof(retrieved));
            int there = _lookup.Find(item);
            if (there >= blocked)
                throw new ArgumentException($"Item {item} was retrieved twice.", nameof(retrieved));
            if (there >= 0 || !allowed.Allows(item))
                continue;
            _lookup.Add(item);
            (_items[Count], _scores[Count], _logits[Count]) = (item, scores[k], scores[k] * inverseTemperature);
            Count++;
        }

        LeastRetrieved = TensorPrimitives.Min(scores);
        Outside = allowed.Count - blocked - Count;
    }

    /// <summary>Whether an item that is allowed lies in T.</summary>
    public bool IsOutside(int item) => _lookup.Find(item) < 0;

    /// <summary>Takes an item out of T, as known from now on.</summary>
    public void Add(int item)
    {
        if (_lookup.Add(item))
            Outside--;
    }

    /// <summary>Whether a tail item scores above a bound by more than its score and the bound may be rounded, 2 γ_L Σ_l |h_l β_l|:
    /// two kernels may round the same score differently.</summary>
    /// <param name="score">f of the item.</param>
    /// <param name="bound">The bound, a score plus a gap.</param>
    /// <param name="h">h, padded.</param>
    /// <param name="row">β_a, padded.</param>
    /// <param name="stride">Floats in either.</param>
    public static bool Exceeds(float score, double bound, float* h, float* row, int stride)
    {
        if (score <= bound)
            return false;
        double size = 0;
        for (int l = 0; l < stride; l++)
            size += Math.Abs((double)h[l] * row[l]);
        double unit = stride / (double)(1 << 24);
        return score - bound > 2 * unit / (1 - unit) * size;
    }

    private static void Check(int item, int items, string name)
    {
        if ((uint)item >= (uint)items)
            throw new ArgumentOutOfRangeException(name, item, $"Item {item} is not one of the catalogue's: 0 to {items - 1}.");
    }
}
