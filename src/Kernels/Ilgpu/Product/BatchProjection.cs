using ILGPU;

namespace KernelPolicy.Kernels.Ilgpu;

/// <summary>
/// H = XΘ for a batch: X [B, L], Θ [L, L] → H [B, L], and the same in panels of sixteen queries, a query a lane
/// [B/16, L, 16], as the kernels that go through the whole catalogue read it.
/// </summary>
/// <remarks>The second half of a <see cref="ContextKernels">context kernel</see>, one group a context. Bound by arithmetic,
/// 2·B·L² operations. Reference: Linear.Project of the tests.</remarks>
/// <param name="contexts">Receives X [B, L].</param>
/// <param name="theta">Θ.</param>
/// <param name="dimension">L.</param>
/// <param name="projected">Receives H [B, L].</param>
/// <param name="panels">Receives H in panels.</param>
/// <param name="report">Is told of contexts that are not finite.</param>
internal readonly struct BatchProjection(
    ArrayView<float> contexts, FloatTable theta, int dimension, ArrayView<float> projected, ArrayView<float> panels, BatchReport report)
{
    private readonly FloatTable _theta = theta;
    private readonly int _dimension = dimension;
    private readonly ArrayView<float> _projected = projected;
    private readonly ArrayView<float> _panels = panels;
    private readonly BatchReport _report = report;

    /// <summary>X [B, L].</summary>
    public ArrayView<float> Contexts { get; } = contexts;

    /// <summary>Projects the group's context once each thread has written its part of x.</summary>
    /// <param name="isFinite">Whether the thread's part is.</param>
    public void Project<TLanes>(bool isFinite)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        if (Group.IdxX == 0)
            _report.ClearFault(Grid.IdxX);
        MemoryFence.DeviceLevel();
        Group.Barrier();
        if (!isFinite)
            _report.NoteFault(Grid.IdxX);
        int stride = _theta.Stride;
        long row = (long)Grid.IdxX * stride;
        for (int l = Group.IdxX * TLanes.Count; l < stride; l += Group.DimX * TLanes.Count)
        {
            TLanes sum = TLanes.Zero;
            for (int i = 0; i < _dimension; i++)
                sum = TLanes.MultiplyAdd(Contexts[row + i], TLanes.LoadRow(_theta, ((long)i * stride) + l), sum);
            TLanes.Store(_projected, row + l, sum);
            for (int j = l; j < l + TLanes.Count; j++)
                _panels[Panels.Offset(Grid.IdxX, j, stride)] = _projected[row + j];
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
