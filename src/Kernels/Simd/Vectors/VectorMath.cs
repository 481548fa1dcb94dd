using System.Runtime.CompilerServices;

namespace KernelPolicy.Kernels;

/// <summary>Elementary functions on vectors of float, in float arithmetic alone.</summary>
internal static class VectorMath
{
    // e^x underflows to less than the smallest normal float below this; such weights are zero.
    private const float SmallestExponent = -87.33654f;
    private const float LogTwoHigh = 0.693359375f;
    private const float LogTwoLow = -2.12194440e-4f;

    /// <summary>
    /// e^x for x ≤ 88, to within 2 units in the last place: x = n·ln 2 + r, |r| ≤ ln 2 / 2, and a polynomial of degree 6
    /// in r (Cephes expf). x below −87.3 gives e^−87.3 ≈ 1.2e−38.
    /// </summary>
    /// <remarks>
    /// TensorPrimitives.Exp goes through double precision; the exact estimator takes B·P exponentials a step, and there
    /// this costs a quarter as much.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Exp<TIsa, TVector>(TVector x)
        where TIsa : struct, IVectorIsa<TVector>
        where TVector : struct
    {
        x = TIsa.Max(x, TIsa.Broadcast(SmallestExponent));
        TVector n = TIsa.Round(TIsa.Multiply(x, TIsa.Broadcast(1.44269504f)));
        TVector r = TIsa.FusedMultiplyAdd(n, TIsa.Broadcast(-LogTwoHigh), x);
        r = TIsa.FusedMultiplyAdd(n, TIsa.Broadcast(-LogTwoLow), r);
        TVector p = TIsa.Broadcast(1.9875691500e-4f);
        p = TIsa.FusedMultiplyAdd(p, r, TIsa.Broadcast(1.3981999507e-3f));
        p = TIsa.FusedMultiplyAdd(p, r, TIsa.Broadcast(8.3334519073e-3f));
        p = TIsa.FusedMultiplyAdd(p, r, TIsa.Broadcast(4.1665795894e-2f));
        p = TIsa.FusedMultiplyAdd(p, r, TIsa.Broadcast(1.6666665459e-1f));
        p = TIsa.FusedMultiplyAdd(p, r, TIsa.Broadcast(5.0000001201e-1f));
        TVector square = TIsa.Multiply(r, r);
        p = TIsa.Add(TIsa.FusedMultiplyAdd(p, square, r), TIsa.Broadcast(1));
        return TIsa.ScaleByPowerOfTwo(p, n);
    }
}
