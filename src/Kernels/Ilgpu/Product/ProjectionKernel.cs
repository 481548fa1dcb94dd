using ILGPU;

namespace KernelPolicy.Kernels.Ilgpu;

/// <summary>
/// H = XΘ for a batch: X [B, L], Θ [L, L] → H [B, L], and the same in panels of sixteen queries, a query a lane
/// [B/16, L, 16], as the kernels that go through the whole catalogue read it.
/// </summary>
/// <remarks>One group a context. Bound by arithmetic, 2·B·L² operations. Reference: Linear.Project of the tests.</remarks>
internal static class ProjectionKernel
{
    /// <summary>Groups: one a context. L_in is the number of rows of Θ.</summary>
    public static void Run<TLanes>(
        ArrayView<float> contexts, FloatTable theta, int dimension, ArrayView<float> projected, ArrayView<float> panels)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        int stride = theta.Stride;
        long row = (long)Grid.IdxX * stride;
        for (int l = Group.IdxX * TLanes.Count; l < stride; l += Group.DimX * TLanes.Count)
        {
            TLanes sum = TLanes.Zero;
            for (int i = 0; i < dimension; i++)
                sum = TLanes.MultiplyAdd(contexts[row + i], TLanes.LoadRow(theta, ((long)i * stride) + l), sum);
            TLanes.Store(projected, row + l, sum);
            for (int j = l; j < l + TLanes.Count; j++)
                panels[Panels.Offset(Grid.IdxX, j, stride)] = projected[row + j];
        }
    }
}

/// <summary>Where a query stands in the panels of a batch.</summary>
internal static class Panels
{
    /// <summary>Queries of a panel.</summary>
    public const int Width = 16;

    /// <summary>Panels that hold so many queries.</summary>
    public static int Count(int queries) => (queries + Width - 1) / Width;

    /// <summary>The place of component <paramref name="column"/> of a query.</summary>
    public static long Offset(int query, int column, int stride) =>
        ((((long)(query / Width) * stride) + column) * Width) + (query % Width);
}
