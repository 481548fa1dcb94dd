using ILGPU;
using ILGPU.IR.Intrinsics;

namespace KernelPolicy.Kernels.Ilgpu;

/// <summary>
/// Elementary functions in plain arithmetic: the same operations, and so the same numbers, on every device, where each
/// vendor's own library has its own roundings. Compilers turn them into vector instructions, too.
/// </summary>
internal static class DeviceMath
{
    // e^x underflows to less than the smallest normal float below this; such weights are as good as zero.
    private const float SmallestExponent = -87.33654f;
    private const float LogTwoHigh = 0.693359375f;
    private const float LogTwoLow = -2.12194440e-4f;

    // 1.5·2^23: adding it rounds a float to a whole number, which then stands in its lowest bits.
    private const float Rounder = 12582912f;
    private const int RounderBits = 0x4B400000;

    /// <summary>left·right + sum, rounded once: an instruction of the device (<see cref="DeviceIntrinsics"/>).</summary>
    [IntrinsicImplementation]
    public static float MultiplyAdd(float left, float right, float sum) => MathF.FusedMultiplyAdd(left, right, sum);

    /// <summary>e^x for x ≤ 88, to within 2 units in the last place; x below −87.3 gives e^−87.3 ≈ 1.2e−38 (Cephes
    /// expf, as the SIMD kernels).</summary>
    public static float Exp(float x)
    {
        // Not the larger of the two, which for no number is the other: what is no number must stay so, and be noticed.
        x = x < SmallestExponent ? SmallestExponent : x;
        float shifted = MultiplyAdd(x, 1.44269504f, Rounder);
        float n = shifted - Rounder;
        float r = MultiplyAdd(n, -LogTwoHigh, x);
        r = MultiplyAdd(n, -LogTwoLow, r);
        float p = MultiplyAdd(1.9875691500e-4f, r, 1.3981999507e-3f);
        p = MultiplyAdd(p, r, 8.3334519073e-3f);
        p = MultiplyAdd(p, r, 4.1665795894e-2f);
        p = MultiplyAdd(p, r, 1.6666665459e-1f);
        p = MultiplyAdd(p, r, 5.0000001201e-1f);
        p = MultiplyAdd(p, r * r, r) + 1f;
        int power = (int)Interop.FloatAsInt(shifted) - RounderBits;
        return p * Interop.IntAsFloat((uint)((power + 127) << 23));
    }

    /// <summary>e^x for −700 ≤ x ≤ 700, to within 1e−15 of itself; beyond, that of the nearest end.</summary>
    public static double Exp(double x)
    {
        x = Math.Min(Math.Max(x, -700.0), 700.0);
        double n = Math.Floor((x * 1.4426950408889634) + 0.5);
        double r = (x - (n * 0.693145751953125)) - (n * 1.42860682030941723212e-6);

        // The series to r^13: |r| ≤ ln 2 / 2, so that what is left out is below 1e−17.
        double p = 1.0 / 6227020800.0;
        p = (p * r) + (1.0 / 479001600.0);
        p = (p * r) + (1.0 / 39916800.0);
        p = (p * r) + (1.0 / 3628800.0);
        p = (p * r) + (1.0 / 362880.0);
        p = (p * r) + (1.0 / 40320.0);
        p = (p * r) + (1.0 / 5040.0);
        p = (p * r) + (1.0 / 720.0);
        p = (p * r) + (1.0 / 120.0);
        p = (p * r) + (1.0 / 24.0);
        p = (p * r) + (1.0 / 6.0);
        p = (p * r) + 0.5;
        p = (p * r) + 1.0;
        p = (p * r) + 1.0;
        return p * Interop.IntAsFloat((ulong)((long)n + 1023) << 52);
    }

    /// <summary>ln x for normal x above 0, to within 1e−15 (absolute, or relative where that is more); −∞ for 0.</summary>
    public static double Log(double x)
    {
        if (x <= 0)
            return double.NegativeInfinity;
        ulong bits = Interop.FloatAsInt(x);
        int exponent = (int)(bits >> 52) - 1023;
        double mantissa = Interop.IntAsFloat((bits & 0x000FFFFFFFFFFFFFUL) | 0x3FF0000000000000UL);
        if (mantissa > 1.4142135623730951)
        {
            mantissa *= 0.5;
            exponent++;
        }

        // ln m = 2 artanh(t), t = (m − 1)/(m + 1), |t| ≤ 0.172: the series to t^21 leaves out less than 1e−17.
        double t = (mantissa - 1) / (mantissa + 1);
        double square = t * t;
        double sum = 1.0 / 21;
        sum = (sum * square) + (1.0 / 19);
        sum = (sum * square) + (1.0 / 17);
        sum = (sum * square) + (1.0 / 15);
        sum = (sum * square) + (1.0 / 13);
        sum = (sum * square) + (1.0 / 11);
        sum = (sum * square) + (1.0 / 9);
        sum = (sum * square) + (1.0 / 7);
        sum = (sum * square) + (1.0 / 5);
        sum = (sum * square) + (1.0 / 3);
        sum = (sum * square) + 1.0;
        return (exponent * 0.69314718055994530942) + (2 * t * sum);
    }

    /// <summary>Whether a number is neither infinite nor NaN.</summary>
    public static bool IsFinite(float value) => (Interop.FloatAsInt(value) & 0x7F800000u) != 0x7F800000u;
}
