using ILGPU;

namespace KernelPolicy.Kernels.Ilgpu;

/// <summary>
/// The heads of the mixture's proposal for a batch: α_K and its scores [B, K], best first; κ summed up, for the inverse
/// transform; ln q of each; and a hash by which a uniform draw finds whether it is one of them.
/// </summary>
/// <param name="capacity">K.</param>
/// <param name="slots">Slots of a context's hash: a power of two, at least 4·K.</param>
internal readonly struct MixtureHeads(int capacity, int slots)
{
    private readonly int _slotMask = slots - 1;

    /// <summary>K.</summary>
    public int Capacity { get; } = capacity;

    /// <summary>Slots of a context's hash.</summary>
    public int Slots => _slotMask + 1;

    /// <summary>Items found for a context [B].</summary>
    public ArrayView<int> Found { get; init; }

    /// <summary>α_K [B, K].</summary>
    public ArrayView<int> Items { get; init; }

    /// <summary>f of each [B, K].</summary>
    public ArrayView<float> Scores { get; init; }

    /// <summary>κ of the first, of the first two, and so on [B, K].</summary>
    public ArrayView<double> Cumulative { get; init; }

    /// <summary>f − ln q of each, plus ln(ε/P) [B, K].</summary>
    public ArrayView<float> LogWeights { get; init; }

    /// <summary>Positions by item, −1 where a slot is empty [B, slots].</summary>
    public ArrayView<int> Hash { get; init; }

    /// <summary>Slots for K items: no more than a quarter of them are taken.</summary>
    public static int SlotsFor(int capacity)
    {
        int slots = 16;
        while (slots < 4 * capacity)
            slots *= 2;
        return slots;
    }

    /// <summary>The item at a position of the head of a context.</summary>
    public int Item(int context, int position) => Items[((long)context * Capacity) + position];

    /// <summary>Its log-weight.</summary>
    public float LogWeight(int context, int position) => LogWeights[((long)context * Capacity) + position];

    /// <summary>The position of an item in the head of a context, or −1.</summary>
    public int Find(int context, int item)
    {
        long first = (long)context * Slots, head = (long)context * Capacity;
        int slot = Slot(item);
        int position = Hash[first + slot];
        while (position >= 0 && Items[head + position] != item)
        {
            slot = (slot + 1) & _slotMask;
            position = Hash[first + slot];
        }

        return position;
    }

    /// <summary>Puts an item into the hash, beside other threads that do.</summary>
    public void Insert(int context, int item, int position)
    {
        long first = (long)context * Slots;
        int slot = Slot(item);
        while (Atomic.CompareExchange(ref Hash[first + slot], -1, position) != -1)
            slot = (slot + 1) & _slotMask;
    }

    private int Slot(int item) => (int)(((uint)item * 0x9E3779B1u) >> 8) & _slotMask;
}
