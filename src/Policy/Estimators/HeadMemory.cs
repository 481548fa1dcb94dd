using System.Runtime.InteropServices;

namespace KernelPolicy.Policy;

/// <summary>The retrieved head of each context at its last search, and how many visits have passed since: [N, K] item numbers.</summary>
/// <remarks>4·N·K bytes and 8·N beside. Not thread-safe.</remarks>
internal sealed class HeadMemory : IEstimatorMemory
{
    private readonly int _k;
    private readonly int[] _items;
    private readonly int[] _found;
    private readonly int[] _visits;

    /// <summary>Makes room.</summary>
    /// <param name="contexts">N.</param>
    /// <param name="k">K.</param>
    /// <exception cref="ArgumentException">N·K exceeds what one array holds.</exception>
    public HeadMemory(int contexts, int k)
    {
        if ((long)contexts * k > Array.MaxLength)
            throw new ArgumentException($"Heads of {k} items for {contexts} contexts are more than can be kept; reuse none.");
        (_k, _items, _found, _visits) = (k, new int[contexts * k], new int[contexts], new int[contexts]);
    }

    /// <summary>The head found last; empty where none was.</summary>
    public ReadOnlySpan<int> Items(int context) => _items.AsSpan(context * _k, _found[context]);

    /// <summary>Visits since then, the search itself not counted.</summary>
    public int VisitsSince(int context) => _visits[context];

    /// <summary>Notes a visit that did without a search.</summary>
    public void Visit(int context) => _visits[context]++;

    /// <summary>Keeps what a search found.</summary>
    public void Store(int context, ReadOnlySpan<int> items)
    {
        items.CopyTo(_items.AsSpan(context * _k, _k));
        (_found[context], _visits[context]) = (items.Length, 0);
    }

    /// <inheritdoc/>
    public void Clear()
    {
        Array.Clear(_found);
        Array.Clear(_visits);
    }

    /// <inheritdoc/>
    public void Write(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        stream.Write(MemoryMarshal.AsBytes<int>(_found));
        stream.Write(MemoryMarshal.AsBytes<int>(_visits));
        stream.Write(MemoryMarshal.AsBytes<int>(_items));
    }

    /// <inheritdoc/>
    public void Read(ReadOnlySpan<byte> bytes)
    {
        long expected = sizeof(int) * ((2L * _found.Length) + _items.Length);
        if (bytes.Length != expected)
            throw new InvalidDataException($"Heads of {_found.Length} contexts take {expected} bytes, not {bytes.Length}.");
        ReadOnlySpan<int> numbers = MemoryMarshal.Cast<byte, int>(bytes);
        numbers[.._found.Length].CopyTo(_found);
        numbers.Slice(_found.Length, _visits.Length).CopyTo(_visits);
        numbers[(2 * _found.Length)..].CopyTo(_items);
        if (_found.AsSpan().ContainsAnyExceptInRange(0, _k))
            throw new InvalidDataException($"A head must have 0 to {_k} items.");
    }
}
