using ILGPU;

namespace KernelPolicy.Kernels.Ilgpu;

/// <summary>
/// The rows of head and tail, added up: Σ z β and Σ y β of each part of 128 slots, and for tails Σ z² β and Σ z y β, of which the error
/// of g is made. Each row is read once.
/// </summary>
/// <remarks>One group a part, whose threads are teams over the columns; sums [B·parts, teams, 4, stride]. Bound by memory, or the cache
/// where a batch has its draws in common. No atomics: the sums have one order.</remarks>
internal static class StrataSumsKernel
{
    /// <summary>Vectors of a part's sums.</summary>
    public const int Vectors = 4;

    /// <summary>Groups: B·parts.</summary>
    public static void Run<TLanes, TTable>(TTable table, StrataItems strata, StrataTerms terms, StrataShape shape)
        where TLanes : unmanaged, ILanes<TLanes>
        where TTable : struct, ITable
    {
        ArrayView<int> items = SharedMemory.Allocate<int>(SampledShape.Part);
        ArrayView<float> y = SharedMemory.Allocate<float>(SampledShape.Part);
        ArrayView<float> z = SharedMemory.Allocate<float>(SampledShape.Part);
        StrataPart part = new(shape, strata.Counts);
        for (int k = Group.IdxX; k < part.Count; k += Group.DimX)
        {
            items[k] = strata.Items[part.First + k];
            y[k] = terms.Weights[part.First + k];
            z[k] = terms.Rewarded[part.First + k];
        }

        Group.Barrier();
        int stride = table.Stride;
        int teams = Group.DimX / shape.DimensionThreads, team = Group.IdxX / shape.DimensionThreads;
        if (team >= teams || part.Count <= 0)
            return;
        long place = (((long)Grid.IdxX * teams) + team) * Vectors * stride;
        for (int l = Group.IdxX % shape.DimensionThreads * TLanes.Count; l < stride; l += shape.DimensionThreads * TLanes.Count)
        {
            if (part.IsTail != 0)
                AddTail<TLanes, TTable>(table, team, teams, part.Count, l, items, y, z, terms.Sums, place + l);
            else
                AddHead<TLanes, TTable>(table, team, teams, part.Count, l, items, y, z, terms.Sums, place + l);
        }
    }

    private static void AddHead<TLanes, TTable>(
        TTable table, int team, int teams, int count, int column, ArrayView<int> items, ArrayView<float> y, ArrayView<float> z,
        ArrayView<float> sums, long place)
        where TLanes : unmanaged, ILanes<TLanes>
        where TTable : struct, ITable
    {
        TLanes ofZ = TLanes.Zero, ofY = TLanes.Zero;
        for (int k = team; k < count; k += teams)
        {
            TLanes row = TLanes.LoadRow(table, ((long)items[k] * table.Stride) + column);
            ofZ = TLanes.MultiplyAdd(z[k], row, ofZ);
            ofY = TLanes.MultiplyAdd(y[k], row, ofY);
        }

        TLanes.Store(sums, place, ofZ);
        TLanes.Store(sums, place + table.Stride, ofY);
    }

    private static void AddTail<TLanes, TTable>(
        TTable table, int team, int teams, int count, int column, ArrayView<int> items, ArrayView<float> y, ArrayView<float> z,
        ArrayView<float> sums, long place)
        where TLanes : unmanaged, ILanes<TLanes>
        where TTable : struct, ITable
    {
        TLanes ofZ = TLanes.Zero, ofY = TLanes.Zero, ofSquares = TLanes.Zero, ofProducts = TLanes.Zero;
        for (int k = team; k < count; k += teams)
        {
            TLanes row = TLanes.LoadRow(table, ((long)items[k] * table.Stride) + column);
            ofZ = TLanes.MultiplyAdd(z[k], row, ofZ);
            ofY = TLanes.MultiplyAdd(y[k], row, ofY);
            ofSquares = TLanes.MultiplyAdd(z[k] * z[k], row, ofSquares);
            ofProducts = TLanes.MultiplyAdd(z[k] * y[k], row, ofProducts);
        }

        TLanes.Store(sums, place, ofZ);
        TLanes.Store(sums, place + table.Stride, ofY);
        TLanes.Store(sums, place + (2 * table.Stride), ofSquares);
        TLanes.Store(sums, place + (3 * table.Stride), ofProducts);
    }
}
