using System.Numerics;
using System.Runtime.CompilerServices;

namespace KernelPolicy.Kernels;

/// <summary>Items that were drawn, so that none is drawn twice. Emptying it costs what the next draws need, not what there is
/// room for.</summary>
/// <remarks>Open addressing, at most half full. Not thread-safe: one a worker.</remarks>
internal sealed class DistinctItems
{
    private readonly int[] _slots;
    private int _mask;
    private int _shift;

    /// <summary>Makes room for <paramref name="capacity"/> items.</summary>
    public DistinctItems(int capacity) => _slots = new int[SlotsFor(capacity)];

    /// <summary>Empties it for up to <paramref name="count"/> items, no more than the capacity.</summary>
    public void Reset(int count)
    {
        int slots = SlotsFor(count);
        (_mask, _shift) = (slots - 1, 32 - BitOperations.Log2((uint)slots));
        Array.Fill(_slots, -1, 0, slots);
    }

    /// <summary>Adds an item; false where it was there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Add(int item)
    {
        int slot = (int)((uint)item * 0x9E3779B1u >> _shift);
        while (_slots[slot] != -1)
        {
            if (_slots[slot] == item)
                return false;
            slot = (slot + 1) & _mask;
        }

        _slots[slot] = item;
        return true;
    }

    private static int SlotsFor(int capacity) => (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(16, checked(2 * capacity)));
}
