namespace KernelPolicy.Kernels;

/// <summary>
/// The head H of one context: the retrieved items α_K and those whose reward is known, each once, with their scores, and the test
/// whether an item is among them.
/// </summary>
/// <remarks>Not thread-safe: one a worker. Source: algorithm.md, item 5.</remarks>
public sealed unsafe class StrataHead
{
    private readonly int[] _items;
    private readonly float[] _scores;
    private readonly ItemLookup _lookup;

    /// <summary>Makes room for <paramref name="capacity"/> items.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The capacity is negative.</exception>
    public StrataHead(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(capacity);
        (_items, _scores, _lookup) = (new int[capacity], new float[capacity], new ItemLookup(capacity));
    }

    /// <summary>|H|.</summary>
    public int Count { get; private set; }

    /// <summary>How many of them were retrieved; they come first.</summary>
    public int Retrieved { get; private set; }

    /// <summary>The items [|H|].</summary>
    public ReadOnlySpan<int> Items => _items.AsSpan(0, Count);

    /// <summary>Their scores f [|H|].</summary>
    public ReadOnlySpan<float> Scores => _scores.AsSpan(0, Count);

    /// <summary>The least score among the retrieved items: an item outside that exceeds it was missed. +∞ where none were
    /// retrieved.</summary>
    public float LowestRetrieved { get; private set; }

    /// <summary>Takes the retrieved items with their scores, and the known items, which are scored here.</summary>
    /// <param name="query">h, padded.</param>
    /// <param name="table">β [P, L].</param>
    /// <param name="retrieved">α_K, without repetition.</param>
    /// <param name="scores">Their scores; empty where they are to be scored here as well.</param>
    /// <param name="known">Items whose reward is known, without repetition.</param>
    public void Set(float* query, Matrix table, ReadOnlySpan<int> retrieved, ReadOnlySpan<float> scores, ReadOnlySpan<int> known)
    {
        retrieved.CopyTo(_items);
        scores.CopyTo(_scores);
        (Retrieved, Count) = (retrieved.Length, retrieved.Length);
        _lookup.Set(retrieved);
        foreach (int item in known)
        {
            if (_lookup.Add(item))
                _items[Count++] = item;
        }

        int scored = scores.Length;
        RowScores.Gather(query, table, _items.AsSpan(scored, Count - scored), _scores.AsSpan(scored));
        LowestRetrieved = Retrieved == 0
            ? float.PositiveInfinity
            : System.Numerics.Tensors.TensorPrimitives.Min<float>(_scores.AsSpan(0, Retrieved));
    }

    /// <summary>Whether an item is in H.</summary>
    public bool Contains(int item) => _lookup.Find(item) >= 0;
}
