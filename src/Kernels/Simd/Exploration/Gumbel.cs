using System.Runtime.CompilerServices;

namespace KernelPolicy.Kernels;

/// <summary>
/// Standard Gumbel noise, P(G ≤ g) = exp(−e^{−g}), by inversion: G = −ln E with E exponential of rate 1. The item with the largest
/// φ_a + G_a is a draw from the softmax of φ, and the N largest, in order, are N draws without replacement (Gumbel-max; Plackett and
/// Luce; Kool, van Hoof, Welling, ICML 2019).
/// </summary>
public static class Gumbel
{
    /// <summary>Noise from 64 bits, in about −3.6 … 36.7.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double FromBits(ulong bits) => -Math.Log(-Math.Log(DrawSequence.ToOpenUnit(bits)));

    /// <summary>P(G &gt; threshold) = 1 − exp(−e^{−threshold}), to full relative precision however small.</summary>
    /// <param name="threshold">Any number, −∞ included.</param>
    public static double Exceedance(double threshold) => -Exponentials.ExpMinusOne(-Math.Exp(-threshold));

    /// <summary>Noise given that it exceeds a threshold: E given E &lt; e^{−threshold} is −ln(1 − v·p), v uniform.</summary>
    /// <param name="bits">64 random bits.</param>
    /// <param name="exceedance">p of the threshold, above 0 (<see cref="Exceedance"/>).</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Above(ulong bits, double exceedance) =>
        -Math.Log(-Exponentials.LogOnePlus(-DrawSequence.ToOpenUnit(bits) * exceedance));
}
