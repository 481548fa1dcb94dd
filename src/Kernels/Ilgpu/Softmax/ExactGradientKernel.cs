using ILGPU;

namespace KernelPolicy.Kernels.Ilgpu;

/// <summary>
/// The exact gradient from ln Z and E_π[β], where few items are rewarded: g = Σ_Y π r β − r̄ E_π[β], r̄ = Σ_Y π r. [B, L].
/// </summary>
/// <remarks>algorithm.md, estimator 1. One group a context. Reference: Estimates.Exact of the tests.</remarks>
internal static class ExactGradientKernel
{
    private const int Part = 128;

    /// <summary>Groups: one a context.</summary>
    public static void Run<TLanes, TTable>(
        TTable table, ArrayView<float> queries, BatchView batch, SparseRewards rewards, ArrayView<double> logPartition,
        ArrayView<float> meanItems, ArrayView<float> gradients, BatchReport report)
        where TLanes : unmanaged, ILanes<TLanes>
        where TTable : struct, ITable
    {
        ArrayView<float> shares = SharedMemory.Allocate<float>(Part);
        int context = batch.Context(Grid.IdxX), stride = table.Stride;
        long start = rewards.Rows.Start(context), row = (long)Grid.IdxX * stride;
        int length = rewards.Rows.Length(context);
        for (int l = Group.IdxX * TLanes.Count; l < stride; l += Group.DimX * TLanes.Count)
            TLanes.Store(gradients, row + l, TLanes.Zero);
        float mean = 0;
        for (int first = 0; first < length; first += Part)
        {
            int count = Math.Min(Part, length - first);
            for (int j = Group.IdxX; j < count; j += Group.DimX)
            {
                float score = Score<TLanes, TTable>(table, rewards.Rows.Item(start + first + j), queries, row);
                shares[j] = (float)DeviceMath.Exp(score - logPartition[Grid.IdxX]) * rewards.Value(start + first + j);
            }

            Group.Barrier();
            for (int j = 0; j < count; j++)
                mean += shares[j];
            for (int l = Group.IdxX * TLanes.Count; l < stride; l += Group.DimX * TLanes.Count)
            {
                TLanes sum = TLanes.Load(gradients, row + l);
                for (int j = 0; j < count; j++)
                    sum = TLanes.MultiplyAdd(shares[j], TLanes.LoadRow(table, ((long)rewards.Rows.Item(start + first + j) * stride) + l), sum);
                TLanes.Store(gradients, row + l, sum);
            }

            Group.Barrier();
        }

        for (int l = Group.IdxX * TLanes.Count; l < stride; l += Group.DimX * TLanes.Count)
        {
            TLanes gradient = TLanes.MultiplyAdd(-mean, TLanes.Load(meanItems, row + l), TLanes.Load(gradients, row + l));
            TLanes.Store(gradients, row + l, gradient);
            if (!DeviceMath.IsFinite(TLanes.Sum(gradient)))
                report.NoteFault(Grid.IdxX);
        }

        if (Group.IdxX == 0)
            report.Write(Grid.IdxX, mean, float.NaN, float.NaN);
    }

    private static float Score<TLanes, TTable>(TTable table, int item, ArrayView<float> queries, long query)
        where TLanes : unmanaged, ILanes<TLanes>
        where TTable : struct, ITable
    {
        TLanes sum = TLanes.Zero;
        long row = (long)item * table.Stride;
        for (int l = 0; l < table.Stride; l += TLanes.Count)
            sum = TLanes.MultiplyAdd(TLanes.Load(queries, query + l), TLanes.LoadRow(table, row + l), sum);
        return TLanes.Sum(sum);
    }
}
