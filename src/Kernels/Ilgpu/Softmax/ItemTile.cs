using ILGPU;

namespace KernelPolicy.Kernels.Ilgpu;

/// <summary>Scores of a few neighbouring items for a panel of sixteen queries, in the registers of one thread: many products
/// for few numbers read.</summary>
internal interface IItemTile
{
    /// <summary>Items of a tile.</summary>
    static abstract int Items { get; }

    /// <summary>Scores items from <paramref name="item"/> on, beyond the last the last again, and writes an item a row.</summary>
    /// <param name="table">β [P, L].</param>
    /// <param name="items">P.</param>
    /// <param name="dimension">L.</param>
    /// <param name="item">The first item.</param>
    /// <param name="panels">H in panels.</param>
    /// <param name="panel">Which panel.</param>
    /// <param name="target">Receives the scores.</param>
    /// <param name="offset">Where the first goes.</param>
    /// <param name="stride">From one row to the next.</param>
    static abstract void Score<TTable>(
        TTable table, int items, int dimension, long item, ArrayView<float> panels, int panel, ArrayView<float> target, int offset, int stride)
        where TTable : struct, ITable;
}

/// <summary>Four items: 64 sums, what a thread of a graphics processor has registers for.</summary>
internal readonly struct FourItems : IItemTile
{
    /// <inheritdoc/>
    public static int Items => 4;

    /// <inheritdoc/>
    public static void Score<TTable>(
        TTable table, int items, int dimension, long item, ArrayView<float> panels, int panel, ArrayView<float> target, int offset, int stride)
        where TTable : struct, ITable
    {
        long last = items - 1L;
        long row0 = Math.Min(item, last) * table.Stride, row1 = Math.Min(item + 1, last) * table.Stride;
        long row2 = Math.Min(item + 2, last) * table.Stride, row3 = Math.Min(item + 3, last) * table.Stride;
        long query = Panels.Offset(panel * Panels.Width, 0, table.Stride);
        Lanes16 sum0 = Lanes16.Zero, sum1 = Lanes16.Zero, sum2 = Lanes16.Zero, sum3 = Lanes16.Zero;
        for (int l = 0; l < dimension; l++)
        {
            Lanes16 h = Lanes16.Load(panels, query);
            query += Panels.Width;
            sum0 = Lanes16.MultiplyAdd(table.At(row0 + l), h, sum0);
            sum1 = Lanes16.MultiplyAdd(table.At(row1 + l), h, sum1);
            sum2 = Lanes16.MultiplyAdd(table.At(row2 + l), h, sum2);
            sum3 = Lanes16.MultiplyAdd(table.At(row3 + l), h, sum3);
        }

        Lanes16.Store(target, offset, sum0);
        Lanes16.Store(target, offset + stride, sum1);
        Lanes16.Store(target, offset + (2 * stride), sum2);
        Lanes16.Store(target, offset + (3 * stride), sum3);
    }
}

/// <summary>Eight items: 128 sums, eight to sixteen vectors of a processor, enough to hide how long each product takes.</summary>
internal readonly struct EightItems : IItemTile
{
    /// <inheritdoc/>
    public static int Items => 8;

    /// <inheritdoc/>
    public static void Score<TTable>(
        TTable table, int items, int dimension, long item, ArrayView<float> panels, int panel, ArrayView<float> target, int offset, int stride)
        where TTable : struct, ITable
    {
        long last = items - 1L;
        long row0 = Math.Min(item, last) * table.Stride, row1 = Math.Min(item + 1, last) * table.Stride;
        long row2 = Math.Min(item + 2, last) * table.Stride, row3 = Math.Min(item + 3, last) * table.Stride;
        long row4 = Math.Min(item + 4, last) * table.Stride, row5 = Math.Min(item + 5, last) * table.Stride;
        long row6 = Math.Min(item + 6, last) * table.Stride, row7 = Math.Min(item + 7, last) * table.Stride;
        long query = Panels.Offset(panel * Panels.Width, 0, table.Stride);
        Lanes16 sum0 = Lanes16.Zero, sum1 = Lanes16.Zero, sum2 = Lanes16.Zero, sum3 = Lanes16.Zero;
        Lanes16 sum4 = Lanes16.Zero, sum5 = Lanes16.Zero, sum6 = Lanes16.Zero, sum7 = Lanes16.Zero;
        for (int l = 0; l < dimension; l++)
        {
            Lanes16 h = Lanes16.Load(panels, query);
            query += Panels.Width;
            sum0 = Lanes16.MultiplyAdd(table.At(row0 + l), h, sum0);
            sum1 = Lanes16.MultiplyAdd(table.At(row1 + l), h, sum1);
            sum2 = Lanes16.MultiplyAdd(table.At(row2 + l), h, sum2);
            sum3 = Lanes16.MultiplyAdd(table.At(row3 + l), h, sum3);
            sum4 = Lanes16.MultiplyAdd(table.At(row4 + l), h, sum4);
            sum5 = Lanes16.MultiplyAdd(table.At(row5 + l), h, sum5);
            sum6 = Lanes16.MultiplyAdd(table.At(row6 + l), h, sum6);
            sum7 = Lanes16.MultiplyAdd(table.At(row7 + l), h, sum7);
        }

        Lanes16.Store(target, offset, sum0);
        Lanes16.Store(target, offset + stride, sum1);
        Lanes16.Store(target, offset + (2 * stride), sum2);
        Lanes16.Store(target, offset + (3 * stride), sum3);
        Lanes16.Store(target, offset + (4 * stride), sum4);
        Lanes16.Store(target, offset + (5 * stride), sum5);
        Lanes16.Store(target, offset + (6 * stride), sum6);
        Lanes16.Store(target, offset + (7 * stride), sum7);
    }
}
