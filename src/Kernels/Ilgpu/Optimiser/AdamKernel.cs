using ILGPU;

namespace KernelPolicy.Kernels.Ilgpu;

/// <summary>The constants of one step of Adam, in the precision in which it is taken.</summary>
internal struct AdamConstants
{
    /// <summary>β1.</summary>
    public float Beta1;

    /// <summary>1 − β1.</summary>
    public float Rest1;

    /// <summary>β2.</summary>
    public float Beta2;

    /// <summary>1 − β2.</summary>
    public float Rest2;

    /// <summary>λ.</summary>
    public float Decay;

    /// <summary>ε.</summary>
    public float Epsilon;

    /// <summary>α/(1 − β1^t).</summary>
    public float StepSize;

    /// <summary>1/√(1 − β2^t).</summary>
    public float RootCorrection;

    /// <summary>Those of step <paramref name="t"/>, from 1.</summary>
    public static AdamConstants Of(AdamOptions options, double learningRate, long t) => new()
    {
        Beta1 = (float)options.Beta1,
        Rest1 = (float)(1 - options.Beta1),
        Beta2 = (float)options.Beta2,
        Rest2 = (float)(1 - options.Beta2),
        Decay = (float)options.WeightDecay,
        Epsilon = (float)options.Epsilon,
        StepSize = (float)(learningRate / (1 - Math.Pow(options.Beta1, t))),
        RootCorrection = (float)(1 / Math.Sqrt(1 - Math.Pow(options.Beta2, t))),
    };
}

/// <summary>The tables that a step of Adam changes, [L, stride] each.</summary>
/// <param name="theta">Θ.</param>
/// <param name="first">m.</param>
/// <param name="second">v.</param>
internal readonly struct AdamTables(ArrayView<float> theta, ArrayView<float> first, ArrayView<float> second)
{
    /// <summary>Θ.</summary>
    public ArrayView<float> Theta { get; } = theta;

    /// <summary>m.</summary>
    public ArrayView<float> First { get; } = first;

    /// <summary>v.</summary>
    public ArrayView<float> Second { get; } = second;
}

/// <summary>
/// grad = (1/B) XᵀG, X [B, L], G [B, L], and Adam's ascent by it (see <see cref="Adam"/>), in one pass: the gradient
/// [L, L] is never stored.
/// </summary>
/// <remarks>
/// One group a row of Θ; the first also notes what the batch said of itself. Where a context or gradient of the batch is not
/// finite, or one was not before, nothing is changed; where Θ itself ceases to be finite that is noted: see
/// <see cref="TrainingNotes"/>. Reference: AdamSteps of the tests.
/// </remarks>
internal static class AdamKernel
{
    /// <summary>Groups: L, one a row of Θ.</summary>
    public static void Run<TLanes>(
        ArrayView<float> contexts, ArrayView<float> gradients, BatchView batch, int stride, AdamConstants constants,
        AdamTables tables, BatchReport report, TrainingNotes notes)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        if (notes.HasDiverged)
            return;

        // Every group finds the same, whether or not the first has noted it yet.
        bool isSound = report.IsSound(batch.Count);
        if (Grid.IdxX == 0 && Group.IdxX == 0)
        {
            if (isSound)
                notes.Add(report, batch.Count);
            else
                notes.NoteGradient(batch.Step);
        }

        if (!isSound)
            return;
        TLanes scale = TLanes.Splat(1f / batch.Count);
        for (int l = Group.IdxX * TLanes.Count; l < stride; l += Group.DimX * TLanes.Count)
        {
            TLanes gradient = TLanes.Zero;
            for (int b = 0; b < batch.Count; b++)
            {
                long row = (long)b * stride;
                gradient = TLanes.MultiplyAdd(contexts[row + Grid.IdxX], TLanes.Load(gradients, row + l), gradient);
            }

            long place = ((long)Grid.IdxX * stride) + l;
            TLanes theta = Update(constants, TLanes.Multiply(gradient, scale), tables, place);
            isSound &= DeviceMath.IsFinite(TLanes.Sum(theta));
        }

        if (!isSound)
            notes.NoteTheta(batch.Step);
    }

    private static TLanes Update<TLanes>(AdamConstants constants, TLanes gradient, AdamTables tables, long place)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        TLanes old = TLanes.Load(tables.Theta, place);
        TLanes d = TLanes.Subtract(TLanes.Multiply(TLanes.Splat(constants.Decay), old), gradient);
        TLanes first = TLanes.MultiplyAdd(
            constants.Beta1, TLanes.Load(tables.First, place), TLanes.Multiply(TLanes.Splat(constants.Rest1), d));
        TLanes second = TLanes.MultiplyAdd(
            constants.Beta2, TLanes.Load(tables.Second, place), TLanes.Multiply(TLanes.Multiply(TLanes.Splat(constants.Rest2), d), d));
        TLanes scale = TLanes.MultiplyAdd(constants.RootCorrection, TLanes.Sqrt(second), TLanes.Splat(constants.Epsilon));
        TLanes step = TLanes.Divide(TLanes.Multiply(TLanes.Splat(constants.StepSize), first), scale);
        TLanes theta = TLanes.Subtract(old, step);
        TLanes.Store(tables.First, place, first);
        TLanes.Store(tables.Second, place, second);
        TLanes.Store(tables.Theta, place, theta);
        return theta;
    }
}
