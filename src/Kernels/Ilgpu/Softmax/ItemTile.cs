using ILGPU;

namespace KernelPolicy.Kernels.Ilgpu;

/// <summary>Scores of four neighbouring items for a panel of sixteen queries, in the registers of one thread: 64 products
/// for 20 numbers read.</summary>
internal struct ItemTile
{
    /// <summary>Items of a tile.</summary>
    public const int Items = 4;

    private Lanes16 _first, _second, _third, _fourth;

    /// <summary>Scores items from <paramref name="item"/> on; beyond the last, the last again.</summary>
    /// <param name="table">β [P, L].</param>
    /// <param name="items">P.</param>
    /// <param name="dimension">L.</param>
    /// <param name="item">The first item.</param>
    /// <param name="panels">H in panels.</param>
    /// <param name="panel">Which panel.</param>
    public static ItemTile Score<TTable>(TTable table, int items, int dimension, long item, ArrayView<float> panels, int panel)
        where TTable : struct, ITable
    {
        int stride = table.Stride;
        long last = items - 1L;
        long row0 = Math.Min(item, last) * stride, row1 = Math.Min(item + 1, last) * stride;
        long row2 = Math.Min(item + 2, last) * stride, row3 = Math.Min(item + 3, last) * stride;
        long query = Panels.Offset(panel * Panels.Width, 0, stride);
        ItemTile tile;
        tile._first = tile._second = tile._third = tile._fourth = Lanes16.Zero;
        for (int l = 0; l < dimension; l++)
        {
            Lanes16 h = Lanes16.Load(panels, query);
            query += Panels.Width;
            tile._first = Lanes16.MultiplyAdd(table.At(row0 + l), h, tile._first);
            tile._second = Lanes16.MultiplyAdd(table.At(row1 + l), h, tile._second);
            tile._third = Lanes16.MultiplyAdd(table.At(row2 + l), h, tile._third);
            tile._fourth = Lanes16.MultiplyAdd(table.At(row3 + l), h, tile._fourth);
        }

        return tile;
    }

    /// <summary>The largest score of each query.</summary>
    public readonly Lanes16 Maximum() => Lanes16.Max(Lanes16.Max(_first, _second), Lanes16.Max(_third, _fourth));

    /// <summary>Writes the scores, an item a row.</summary>
    public readonly void Store(ArrayView<float> target, long offset, int stride)
    {
        Lanes16.Store(target, offset, _first);
        Lanes16.Store(target, offset + stride, _second);
        Lanes16.Store(target, offset + (2 * stride), _third);
        Lanes16.Store(target, offset + (3 * stride), _fourth);
    }
}
