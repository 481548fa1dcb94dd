using ILGPU;

namespace KernelPolicy.Kernels.Ilgpu;

/// <summary>
/// The exact O(P·L) sums of the softmax policy for a batch, piece by piece: with m = max f, Σ e^{f−m} and Σ e^{f−m} β.
/// H [B, L], β [P, L] → [pieces, sets, 2 + L, 32]. [B, P] is not stored, unless for REINFORCE.
/// </summary>
/// <remarks>
/// A group takes a piece of the catalogue block by block: scores of the block for 32 queries, exponentials against the
/// running maximum, and back into Σ e^{f−m} β. Bound by arithmetic, 4·B·P·L operations. One order of summation: the same
/// numbers each time. <see cref="CatalogueJoinKernel"/> joins the pieces. Reference: Estimates.Exact of the tests.
/// </remarks>
internal static class CataloguePassKernel
{
    private const int ColumnsAtOnce = 4;

    /// <summary>Groups: pieces.</summary>
    public static void Run<TLanes, TTile, TTable, TKeeping>(
        TTable table, ArrayView<float> panels, CatalogueShape shape, ArrayView<float> sums, KeptWeights kept)
        where TLanes : unmanaged, ILanes<TLanes>
        where TTile : struct, IItemTile
        where TTable : struct, ITable
        where TKeeping : struct, IWeightKeeping
    {
        ArrayView<float> scores = SharedMemory.Allocate<float>(CatalogueShape.MostBlockItems * CatalogueShape.Width);
        ArrayView<float> scales = SharedMemory.Allocate<float>(CatalogueShape.Width);
        for (int set = 0; set < shape.Sets; set++)
            Clear(shape, sums, shape.Place(Grid.IdxX, set));
        MemoryFence.DeviceLevel();
        Group.Barrier();
        int end = Math.Min(shape.Blocks, (Grid.IdxX + 1) * shape.PieceBlocks);
        for (int block = Grid.IdxX * shape.PieceBlocks; block < end; block++)
        {
            int first = block * shape.BlockItems;
            int count = Math.Min(shape.BlockItems, shape.Items - first);
            for (int set = 0; set < shape.Sets; set++)
            {
                long place = shape.Place(Grid.IdxX, set);
                Score<TTile, TTable>(table, panels, shape, first, count, set, scores);
                Group.Barrier();
                RaiseMaximum<TLanes>(scores, scales, sums, place, count);
                MemoryFence.DeviceLevel();
                Group.Barrier();
                Exponentiate<TLanes>(scores, sums, place, count);
                Group.Barrier();
                AddWeights<TLanes>(scores, scales, sums, place, count);
                if (TKeeping.Keeps)
                    Keep<TLanes>(scores, sums, place, shape, block, count, set, kept);
                AddItems(table, scores, scales, shape, first, count, sums, place);
                MemoryFence.DeviceLevel();
                Group.Barrier();
            }
        }
    }

    private static void Clear(CatalogueShape shape, ArrayView<float> sums, long place)
    {
        for (int i = Group.IdxX; i < shape.SumNumbers; i += Group.DimX)
            sums[place + i] = i < CatalogueShape.Width ? float.NegativeInfinity : 0;
    }

    private static void Score<TTile, TTable>(
        TTable table, ArrayView<float> panels, CatalogueShape shape, int first, int count, int set, ArrayView<float> scores)
        where TTile : struct, IItemTile
        where TTable : struct, ITable
    {
        int panelCount = Math.Min(2, Panels.Count(shape.Queries) - (2 * set));
        int tiles = (count + TTile.Items - 1) / TTile.Items;
        if (TTile.PanelsAtOnce == 2 && panelCount == 2)
        {
            for (int tile = Group.IdxX; tile < tiles; tile += Group.DimX)
            {
                int item = tile * TTile.Items;
                TTile.Score(
                    table, shape.Items, shape.Dimension, first + item, panels, 2 * set, scores, item * CatalogueShape.Width,
                    CatalogueShape.Width);
            }

            return;
        }

        for (int task = Group.IdxX; task < tiles * panelCount; task += Group.DimX)
        {
            int item = task / panelCount * FourItems.Items, panel = task % panelCount;
            FourItems.Score(
                table, shape.Items, shape.Dimension, first + item, panels, (2 * set) + panel, scores,
                (item * CatalogueShape.Width) + (panel * Panels.Width), CatalogueShape.Width);
        }
    }

    private static void RaiseMaximum<TLanes>(
        ArrayView<float> scores, ArrayView<float> scales, ArrayView<float> sums, long place, int count)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        for (int lane = Group.IdxX * TLanes.Count; lane < CatalogueShape.Width; lane += Group.DimX * TLanes.Count)
        {
            TLanes old = TLanes.Load(sums, place + lane);
            TLanes maximum = old;
            for (int i = 0; i < count; i++)
                maximum = TLanes.Max(maximum, TLanes.Load(scores, (i * CatalogueShape.Width) + lane));
            TLanes.Store(scales, lane, TLanes.Exp(TLanes.Subtract(old, maximum)));
            TLanes.Store(sums, place + lane, maximum);
        }
    }

    private static void Exponentiate<TLanes>(ArrayView<float> scores, ArrayView<float> sums, long place, int count)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        for (int i = Group.IdxX * TLanes.Count; i < count * CatalogueShape.Width; i += Group.DimX * TLanes.Count)
        {
            TLanes maximum = TLanes.Load(sums, place + (i % CatalogueShape.Width));
            TLanes.Store(scores, i, TLanes.Exp(TLanes.Subtract(TLanes.Load(scores, i), maximum)));
        }
    }

    private static void AddWeights<TLanes>(
        ArrayView<float> scores, ArrayView<float> scales, ArrayView<float> sums, long place, int count)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        for (int lane = Group.IdxX * TLanes.Count; lane < CatalogueShape.Width; lane += Group.DimX * TLanes.Count)
        {
            TLanes total = TLanes.Zero;
            for (int i = 0; i < count; i++)
                total = TLanes.Add(total, TLanes.Load(scores, (i * CatalogueShape.Width) + lane));
            long weight = place + CatalogueShape.Width + lane;
            TLanes.Store(sums, weight, TLanes.MultiplyAdd(TLanes.Load(sums, weight), TLanes.Load(scales, lane), total));
        }
    }

    private static void Keep<TLanes>(
        ArrayView<float> scores, ArrayView<float> sums, long place, CatalogueShape shape, int block, int count, int set, KeptWeights kept)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        long target = (((long)set * shape.Items) + ((long)block * shape.BlockItems)) * CatalogueShape.Width;
        for (int i = Group.IdxX * TLanes.Count; i < count * CatalogueShape.Width; i += Group.DimX * TLanes.Count)
            TLanes.Store(kept.Weights, target + i, TLanes.Load(scores, i));
        long head = (((long)set * shape.Blocks) + block) * CatalogueShape.Width;
        for (int lane = Group.IdxX * TLanes.Count; lane < CatalogueShape.Width; lane += Group.DimX * TLanes.Count)
        {
            TLanes total = TLanes.Zero;
            for (int i = 0; i < count; i++)
                total = TLanes.Add(total, TLanes.Load(scores, (i * CatalogueShape.Width) + lane));
            TLanes.Store(kept.Maxima, head + lane, TLanes.Load(sums, place + lane));
            TLanes.Store(kept.Sums, head + lane, total);
        }
    }

    private static void AddItems<TTable>(
        TTable table, ArrayView<float> scores, ArrayView<float> scales, CatalogueShape shape, int first, int count,
        ArrayView<float> sums, long place)
        where TTable : struct, ITable
    {
        // Four columns for sixteen queries a thread; rows are padded, so that there are always four.
        int columns = (shape.Dimension + ColumnsAtOnce - 1) / ColumnsAtOnce;
        for (int task = Group.IdxX; task < columns * 2; task += Group.DimX)
        {
            int column = task / 2 * ColumnsAtOnce, lane = task % 2 * Panels.Width;
            long row = ((long)first * table.Stride) + column;
            Lanes16 sum0 = Lanes16.Zero, sum1 = Lanes16.Zero, sum2 = Lanes16.Zero, sum3 = Lanes16.Zero;
            for (int i = 0; i < count; i++)
            {
                Lanes16 weight = Lanes16.Load(scores, (i * CatalogueShape.Width) + lane);
                sum0 = Lanes16.MultiplyAdd(table.At(row), weight, sum0);
                sum1 = Lanes16.MultiplyAdd(table.At(row + 1), weight, sum1);
                sum2 = Lanes16.MultiplyAdd(table.At(row + 2), weight, sum2);
                sum3 = Lanes16.MultiplyAdd(table.At(row + 3), weight, sum3);
                row += table.Stride;
            }

            Lanes16 scale = Lanes16.Load(scales, lane);
            long target = place + ((2 + column) * CatalogueShape.Width) + lane;
            Add(sums, target, scale, sum0);
            if (column + 1 < shape.Dimension)
                Add(sums, target + CatalogueShape.Width, scale, sum1);
            if (column + 2 < shape.Dimension)
                Add(sums, target + (2 * CatalogueShape.Width), scale, sum2);
            if (column + 3 < shape.Dimension)
                Add(sums, target + (3 * CatalogueShape.Width), scale, sum3);
        }
    }

    private static void Add(ArrayView<float> sums, long target, Lanes16 scale, Lanes16 sum) =>
        Lanes16.Store(sums, target, Lanes16.MultiplyAdd(Lanes16.Load(sums, target), scale, sum));
}
