using ILGPU;

namespace KernelPolicy.Kernels.Ilgpu;

/// <summary>
/// Joins the parts of a <see cref="SampledPassKernel"/>: M = max m, weights of a part scaled by e^{m − M}; then
/// r̄ = Σ w r / Σ w and g = Σ w r β / Σ w − r̄ Σ w β / Σ w, [B, L].
/// </summary>
/// <remarks>One group a context. Parts are added in order. Reference: Estimates.Covariance of the tests.</remarks>
internal static class SampledJoinKernel
{
    /// <summary>The self-normalised gradient.</summary>
    public static void Run<TLanes>(
        ArrayView<float> heads, ArrayView<float> sums, SampledShape shape, int stride, ArrayView<float> gradients, BatchReport report)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        Totals totals = Totals.Of(heads, shape);
        float mean = totals.Reward / totals.Weight;
        for (int l = Group.IdxX * TLanes.Count; l < stride; l += Group.DimX * TLanes.Count)
        {
            TLanes sum = Sum<TLanes>(heads, sums, shape, stride, totals.Maximum, l);
            TLanes rewarded = Sum<TLanes>(heads, sums, shape, stride, totals.Maximum, stride + l);
            TLanes gradient = TLanes.Multiply(TLanes.Splat(1 / totals.Weight), TLanes.MultiplyAdd(-mean, sum, rewarded));
            TLanes.Store(gradients, ((long)Grid.IdxX * stride) + l, gradient);
            if (!DeviceMath.IsFinite(TLanes.Sum(gradient)))
                report.NoteFault(Grid.IdxX);
        }

        if (Group.IdxX == 0)
            report.Write(Grid.IdxX, mean, totals.Weight * totals.Weight / totals.Squares, 1 / totals.Weight);
    }

    /// <summary>REINFORCE without a baseline, whose draws have weight 1: g = (1/S) Σ r β − r̄ E_π[β].</summary>
    /// <param name="heads">Heads of the parts.</param>
    /// <param name="sums">Their sums.</param>
    /// <param name="shape">The shape.</param>
    /// <param name="stride">Numbers from one row to the next.</param>
    /// <param name="meanItems">E_π[β] [B, L].</param>
    /// <param name="gradients">Receives g [B, L].</param>
    /// <param name="report">What the batch says of itself.</param>
    public static void RunWithMean<TLanes>(
        ArrayView<float> heads, ArrayView<float> sums, SampledShape shape, int stride, ArrayView<float> meanItems,
        ArrayView<float> gradients, BatchReport report)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        Totals totals = Totals.Of(heads, shape);
        float mean = totals.Reward / totals.Weight;
        for (int l = Group.IdxX * TLanes.Count; l < stride; l += Group.DimX * TLanes.Count)
        {
            TLanes rewarded = Sum<TLanes>(heads, sums, shape, stride, totals.Maximum, stride + l);
            TLanes drawn = TLanes.Multiply(TLanes.Splat(1 / totals.Weight), rewarded);
            TLanes expected = TLanes.Load(meanItems, ((long)Grid.IdxX * stride) + l);
            TLanes gradient = TLanes.MultiplyAdd(-mean, expected, drawn);
            TLanes.Store(gradients, ((long)Grid.IdxX * stride) + l, gradient);
            if (!DeviceMath.IsFinite(TLanes.Sum(gradient)))
                report.NoteFault(Grid.IdxX);
        }

        if (Group.IdxX == 0)
            report.Write(Grid.IdxX, mean, float.NaN, float.NaN);
    }

    private static TLanes Sum<TLanes>(
        ArrayView<float> heads, ArrayView<float> sums, SampledShape shape, int stride, float maximum, int offset)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        // As many as SampledPassKernel made of the same group.
        int teams = Group.DimX / shape.DimensionThreads;
        TLanes sum = TLanes.Zero;
        long part = (long)Grid.IdxX * shape.Parts;
        for (long end = part + shape.Parts; part < end; part++)
        {
            float scale = DeviceMath.Exp(heads[part * SampledShape.HeadNumbers] - maximum);
            for (int team = 0; team < teams; team++)
                sum = TLanes.MultiplyAdd(scale, TLanes.Load(sums, (((part * teams) + team) * 2 * stride) + offset), sum);
        }

        return sum;
    }

    /// <summary>The heads of all parts of a context, joined.</summary>
    private struct Totals
    {
        public float Maximum;
        public float Weight;
        public float Squares;
        public float Reward;

        public static Totals Of(ArrayView<float> heads, SampledShape shape)
        {
            Totals totals;
            long first = (long)Grid.IdxX * shape.Parts * SampledShape.HeadNumbers;
            totals.Maximum = heads[first];
            for (int part = 1; part < shape.Parts; part++)
                totals.Maximum = Math.Max(totals.Maximum, heads[first + (part * SampledShape.HeadNumbers)]);
            totals.Weight = totals.Squares = totals.Reward = 0;
            for (int part = 0; part < shape.Parts; part++)
            {
                long head = first + (part * SampledShape.HeadNumbers);
                float scale = DeviceMath.Exp(heads[head] - totals.Maximum);
                totals.Weight += scale * heads[head + 1];
                totals.Squares += scale * scale * heads[head + 2];
                totals.Reward += scale * heads[head + 3];
            }

            return totals;
        }
    }
}
