using System.Runtime.Intrinsics;

namespace KernelPolicy.Kernels;

/// <summary>The arithmetic of one step of Adam on consecutive floats, for <see cref="Adam"/> and <see cref="LazyAdam"/>.</summary>
internal readonly unsafe struct AdamUpdate
{
    private readonly AdamOptions _options;
    private readonly float _stepSize;
    private readonly float _rootCorrection;

    /// <summary>The constants of step <paramref name="t"/>, from 1.</summary>
    public AdamUpdate(AdamOptions options, double learningRate, long t)
    {
        _options = options;
        _stepSize = (float)(learningRate / (1 - Math.Pow(options.Beta1, t)));
        _rootCorrection = (float)(1 / Math.Sqrt(1 - Math.Pow(options.Beta2, t)));
    }

    /// <summary>Updates θ, m and v.</summary>
    /// <param name="theta">θ [count].</param>
    /// <param name="gradient">∂J/∂θ [count].</param>
    /// <param name="m">First moment [count].</param>
    /// <param name="v">Second moment [count].</param>
    /// <param name="count">Floats, a multiple of 16.</param>
    public void Apply(float* theta, float* gradient, float* m, float* v, long count)
    {
        switch (SimdPath.Width)
        {
            case 512: Apply<Isa512, Vector512<float>>(theta, gradient, m, v, count); break;
            case 256: Apply<Isa256, Vector256<float>>(theta, gradient, m, v, count); break;
            default: Apply<Isa128, Vector128<float>>(theta, gradient, m, v, count); break;
        }
    }

    private void Apply<TIsa, TVector>(float* theta, float* gradient, float* m, float* v, long count)
        where TIsa : struct, IVectorIsa<TVector>
        where TVector : struct
    {
        TVector beta1 = TIsa.Broadcast((float)_options.Beta1), rest1 = TIsa.Broadcast((float)(1 - _options.Beta1));
        TVector beta2 = TIsa.Broadcast((float)_options.Beta2), rest2 = TIsa.Broadcast((float)(1 - _options.Beta2));
        TVector decay = TIsa.Broadcast((float)_options.WeightDecay), epsilon = TIsa.Broadcast((float)_options.Epsilon);
        TVector stepSize = TIsa.Broadcast(_stepSize), root = TIsa.Broadcast(_rootCorrection);
        for (long i = 0; i < count; i += TIsa.Count)
        {
            TVector old = TIsa.Load(theta + i);
            TVector d = TIsa.Subtract(TIsa.Multiply(decay, old), TIsa.Load(gradient + i));
            TVector first1 = TIsa.FusedMultiplyAdd(beta1, TIsa.Load(m + i), TIsa.Multiply(rest1, d));
            TVector second = TIsa.FusedMultiplyAdd(beta2, TIsa.Load(v + i), TIsa.Multiply(TIsa.Multiply(rest2, d), d));
            TVector scale = TIsa.FusedMultiplyAdd(TIsa.Sqrt(second), root, epsilon);
            TIsa.Store(first1, m + i);
            TIsa.Store(second, v + i);
            TIsa.Store(TIsa.Subtract(old, TIsa.Divide(TIsa.Multiply(stepSize, first1), scale)), theta + i);
        }
    }
}
