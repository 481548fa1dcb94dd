using System.Numerics;
using System.Runtime.CompilerServices;

namespace KernelPolicy.Kernels;

/// <summary>
/// Answers "where in this short list is that item?" in constant time: the exact membership test that the density of the
/// mixture needs, in O(K) memory where a table of [B, P] would serve otherwise.
/// </summary>
/// <remarks>Open addressing, at most a quarter full. Not thread-safe: one a worker.</remarks>
public sealed class ItemLookup
{
    private readonly int[] _items;
    private readonly int[] _positions;
    private readonly int _shift;
    private int _count;

    /// <summary>Makes a lookup for lists of up to <paramref name="capacity"/> items.</summary>
    public ItemLookup(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(capacity);
        int size = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(16, checked(4 * capacity)));
        _items = new int[size];
        _positions = new int[size];
        _shift = 32 - BitOperations.Log2((uint)size);
    }

    /// <summary>The most items that a list may have.</summary>
    public int Capacity => _items.Length / 4;

    /// <summary>Replaces the list. Of an item that stands twice, the first position counts.</summary>
    /// <exception cref="ArgumentException">The list is longer than the capacity.</exception>
    public void Set(ReadOnlySpan<int> items)
    {
        if (items.Length * 4L > _items.Length)
            throw new ArgumentException($"{items.Length} items do not fit a lookup of {_items.Length / 4}.", nameof(items));
        Array.Fill(_items, -1);
        _count = 0;
        for (int position = 0; position < items.Length; position++)
            Insert(items[position], position);
        _count = items.Length;
    }

    /// <summary>Lengthens the list by an item, unless it is there.</summary>
    /// <returns>Whether it was added.</returns>
    /// <exception cref="InvalidOperationException">The list is as long as its capacity.</exception>
    public bool Add(int item)
    {
        if ((_count + 1) * 4L > _items.Length)
            throw new InvalidOperationException($"The lookup holds {_count} items and has no room for more.");
        if (!Insert(item, _count))
            return false;
        _count++;
        return true;
    }

    /// <summary>The position of an item (at least 0) in the list, or −1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Find(int item)
    {
        int[] items = _items;
        int slot = Slot(item);
        while (true)
        {
            int there = items[slot];
            if (there == item)
                return _positions[slot];
            if (there == -1)
                return -1;
            slot = (slot + 1) & (items.Length - 1);
        }
    }

    private bool Insert(int item, int position)
    {
        int slot = Slot(item);
        while (_items[slot] != -1 && _items[slot] != item)
            slot = (slot + 1) & (_items.Length - 1);
        if (_items[slot] == item)
            return false;
        (_items[slot], _positions[slot]) = (item, position);
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Slot(int item) => (int)((uint)item * 0x9E3779B1u >> _shift);
}
