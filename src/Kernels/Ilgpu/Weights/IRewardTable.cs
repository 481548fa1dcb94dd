using ILGPU;

namespace KernelPolicy.Kernels.Ilgpu;

/// <summary>Rewards r̂(a, x) as kernels read them.</summary>
internal interface IRewardTable
{
    /// <summary>The reward of an item that is draw <paramref name="draw"/> of the context at a position of the
    /// batch.</summary>
    float At(BatchView batch, int position, long draw, int item);
}

/// <summary>Rewards of few items a context, zero for all others: their items, rising, and values (CSR), and for each context
/// 64 bits that tell most other items apart without a search.</summary>
/// <param name="rows">Rewarded items of each context, rising.</param>
/// <param name="values">Their rewards.</param>
/// <param name="filters">The bits.</param>
internal readonly struct SparseRewards(CompressedRows rows, ArrayView<float> values, ArrayView<ulong> filters) : IRewardTable
{
    private readonly ArrayView<float> _values = values;
    private readonly ArrayView<ulong> _filters = filters;

    /// <summary>The rewarded items.</summary>
    public CompressedRows Rows { get; } = rows;

    /// <summary>The bit of an item.</summary>
    public static ulong Bit(int item) => 1UL << (int)(((uint)item * 0x9E3779B1u) >> 26);

    /// <summary>The reward at a place of the rows.</summary>
    public float Value(long place) => _values[place];

    /// <inheritdoc/>
    public float At(BatchView batch, int position, long draw, int item)
    {
        int context = batch.Context(position);
        if ((_filters[context] & Bit(item)) == 0)
            return 0;
        long low = Rows.Start(context), end = low + Rows.Length(context), high = end;
        while (low < high)
        {
            long middle = (low + high) >> 1;
            if (Rows.Item(middle) < item)
                low = middle + 1;
            else
                high = middle;
        }

        return low < end && Rows.Item(low) == item ? _values[low] : 0;
    }
}

/// <summary>Rewards that the host has computed for the draws of this batch [B, S].</summary>
/// <param name="rewards">The rewards.</param>
/// <param name="samples">S.</param>
internal readonly struct GivenRewards(ArrayView<float> rewards, int samples) : IRewardTable
{
    private readonly ArrayView<float> _rewards = rewards;
    private readonly int _samples = samples;

    /// <inheritdoc/>
    public float At(BatchView batch, int position, long draw, int item) => _rewards[((long)position * _samples) + draw];
}
