using ILGPU;

namespace KernelPolicy.Kernels.Ilgpu;

/// <summary>Scores of a few neighbouring items for a panel of sixteen queries, or two, in the registers of one thread: many
/// products for few numbers read.</summary>
internal interface IItemTile
{
    /// <summary>Items of a tile.</summary>
    static abstract int Items { get; }

    /// <summary>Panels of a tile.</summary>
    static abstract int PanelsAtOnce { get; }

    /// <summary>Scores items from <paramref name="item"/> on, beyond the last the last again, and writes an item a row.</summary>
    /// <param name="table">β [P, L].</param>
    /// <param name="items">P.</param>
    /// <param name="dimension">L.</param>
    /// <param name="item">The first item.</param>
    /// <param name="panels">H in panels.</param>
    /// <param name="panel">Which panel, or the first of them.</param>
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
    public static int PanelsAtOnce => 1;

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

/// <summary>Four items for two panels: 128 sums, eight to sixteen vectors of a processor, enough to hide how long each product
/// takes; each number of β serves 32 products.</summary>
internal readonly struct FourItemsTwoPanels : IItemTile
{
    /// <inheritdoc/>
    public static int Items => 4;

    /// <inheritdoc/>
    public static int PanelsAtOnce => 2;

    /// <inheritdoc/>
    public static void Score<TTable>(
        TTable table, int items, int dimension, long item, ArrayView<float> panels, int panel, ArrayView<float> target, int offset, int stride)
        where TTable : struct, ITable
    {
        long last = items - 1L;
        long row0 = Math.Min(item, last) * table.Stride, row1 = Math.Min(item + 1, last) * table.Stride;
        long row2 = Math.Min(item + 2, last) * table.Stride, row3 = Math.Min(item + 3, last) * table.Stride;
        long left = Panels.Offset(panel * Panels.Width, 0, table.Stride);
        long right = Panels.Offset((panel + 1) * Panels.Width, 0, table.Stride);
        Lanes16 left0 = Lanes16.Zero, left1 = Lanes16.Zero, left2 = Lanes16.Zero, left3 = Lanes16.Zero;
        Lanes16 right0 = Lanes16.Zero, right1 = Lanes16.Zero, right2 = Lanes16.Zero, right3 = Lanes16.Zero;
        for (int l = 0; l < dimension; l++)
        {
            Lanes16 h = Lanes16.Load(panels, left + (l * Panels.Width)), k = Lanes16.Load(panels, right + (l * Panels.Width));
            float number0 = table.At(row0 + l), number1 = table.At(row1 + l);
            float number2 = table.At(row2 + l), number3 = table.At(row3 + l);
            left0 = Lanes16.MultiplyAdd(number0, h, left0);
            right0 = Lanes16.MultiplyAdd(number0, k, right0);
            left1 = Lanes16.MultiplyAdd(number1, h, left1);
            right1 = Lanes16.MultiplyAdd(number1, k, right1);
            left2 = Lanes16.MultiplyAdd(number2, h, left2);
            right2 = Lanes16.MultiplyAdd(number2, k, right2);
            left3 = Lanes16.MultiplyAdd(number3, h, left3);
            right3 = Lanes16.MultiplyAdd(number3, k, right3);
        }

        Store(target, offset, left0, right0);
        Store(target, offset + stride, left1, right1);
        Store(target, offset + (2 * stride), left2, right2);
        Store(target, offset + (3 * stride), left3, right3);
    }

    private static void Store(ArrayView<float> target, int offset, Lanes16 left, Lanes16 right)
    {
        Lanes16.Store(target, offset, left);
        Lanes16.Store(target, offset + Panels.Width, right);
    }
}
