using ILGPU;

namespace KernelPolicy.Kernels.Ilgpu;

/// <summary>Head and tail of each context of a batch: items and scores, and the set by which a draw finds whether it is in the
/// head.</summary>
internal readonly struct StrataItems
{
    /// <summary>Items by slot [B, slots]; −1 in slots that are free.</summary>
    public ArrayView<int> Items { get; init; }

    /// <summary>f of each [B, slots].</summary>
    public ArrayView<float> Scores { get; init; }

    /// <summary>How many there are [B].</summary>
    public ArrayView<StrataCounts> Counts { get; init; }

    /// <summary>The heads as sets.</summary>
    public ItemSets Heads { get; init; }
}

/// <summary>A set of items for each context of a batch, as hashes with open addressing.</summary>
/// <param name="slots">Items by slot, −1 where one is empty [B, size].</param>
/// <param name="size">Slots of a set: a power of two, see <see cref="SizeFor"/>.</param>
internal readonly struct ItemSets(ArrayView<int> slots, int size)
{
    private readonly ArrayView<int> _slots = slots;
    private readonly int _mask = size - 1;

    /// <summary>Slots for so many items: no more than a quarter of them are taken.</summary>
    public static int SizeFor(int items)
    {
        int size = 16;
        while (size < 4L * items)
            size = checked(size * 2);
        return size;
    }

    /// <summary>Empties a set: this thread its part of it.</summary>
    public void Clear(int set)
    {
        long first = (long)set * (_mask + 1);
        for (int slot = Group.IdxX; slot <= _mask; slot += Group.DimX)
            _slots[first + slot] = -1;
    }

    /// <summary>Adds an item that is not there yet, beside other threads that add others.</summary>
    public void Add(int set, int item)
    {
        long first = (long)set * (_mask + 1);
        int slot = Slot(item);
        while (Atomic.CompareExchange(ref _slots[first + slot], -1, item) != -1)
            slot = (slot + 1) & _mask;
    }

    /// <summary>Whether an item is in a set that no thread is adding to.</summary>
    public bool Contains(int set, int item)
    {
        long first = (long)set * (_mask + 1);
        int slot = Slot(item);
        int found = _slots[first + slot];
        while (found >= 0 && found != item)
        {
            slot = (slot + 1) & _mask;
            found = _slots[first + slot];
        }

        return found >= 0;
    }

    private int Slot(int item) => (int)(((uint)item * 0x9E3779B1u) >> 8) & _mask;
}
