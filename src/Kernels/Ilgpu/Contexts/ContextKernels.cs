using ILGPU;

namespace KernelPolicy.Kernels.Ilgpu;

/// <summary>X [B, L] of a batch, and H = XΘ of it. One group a context.</summary>
internal static class ContextKernels
{
    /// <summary>x = mean of β over a history (paper, section 5); the zero context where it is empty.</summary>
    public static void Histories<TLanes, TTable>(TTable table, CompressedRows histories, BatchView batch, BatchProjection projection)
        where TLanes : unmanaged, ILanes<TLanes>
        where TTable : struct, ITable
    {
        int context = batch.Context(Grid.IdxX);
        long first = histories.Start(context);
        int count = histories.Length(context);
        TLanes divisor = TLanes.Splat(Math.Max(1, count));
        bool isFinite = true;
        for (int l = Group.IdxX * TLanes.Count; l < table.Stride; l += Group.DimX * TLanes.Count)
        {
            TLanes sum = TLanes.Zero;
            for (int i = 0; i < count; i++)
                sum = TLanes.Add(sum, TLanes.LoadRow(table, ((long)histories.Item(first + i) * table.Stride) + l));
            TLanes x = TLanes.Divide(sum, divisor);
            TLanes.Store(projection.Contexts, ((long)Grid.IdxX * table.Stride) + l, x);
            isFinite &= DeviceMath.IsFinite(TLanes.Sum(x));
        }

        projection.Project<TLanes>(isFinite);
    }

    /// <summary>x from a table X [N, L].</summary>
    public static void Rows<TLanes>(FloatTable table, BatchView batch, BatchProjection projection)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        long row = (long)batch.Context(Grid.IdxX) * table.Stride;
        bool isFinite = true;
        for (int l = Group.IdxX * TLanes.Count; l < table.Stride; l += Group.DimX * TLanes.Count)
        {
            TLanes x = TLanes.LoadRow(table, row + l);
            TLanes.Store(projection.Contexts, ((long)Grid.IdxX * table.Stride) + l, x);
            isFinite &= DeviceMath.IsFinite(TLanes.Sum(x));
        }

        projection.Project<TLanes>(isFinite);
    }
}
