using System.Runtime.Intrinsics;
using KernelPolicy.Kernels;
using NUnit.Framework;

namespace KernelPolicy.Tests.Simd;

public unsafe class VectorMathTests
{
    [Test]
    public void Exp_of_128_bits() => Check<Isa128, Vector128<float>>();

    [Test]
    public void Exp_of_256_bits() => Check<Isa256, Vector256<float>>();

    [Test]
    public void Exp_of_512_bits() => Check<Isa512, Vector512<float>>();

    /// <summary>The documented accuracy: 2 units in the last place from −87.33 to 88.</summary>
    private static void Check<TIsa, TVector>()
        where TIsa : struct, IVectorIsa<TVector>
        where TVector : struct
    {
        for (int i = 0; i <= 40_000; i++)
        {
            float x = (float)(-87.336 + (i * (87.336 + 88) / 40_000));
            AssertUlps(x, Exp<TIsa, TVector>(x));
        }

        // Close to the ends of the reduction, r = ±ln 2 / 2, and close to 0.
        for (int n = -125; n <= 126; n++)
        {
            float edge = (float)((n + 0.5) * Math.Log(2));
            AssertUlps(edge, Exp<TIsa, TVector>(edge));
            AssertUlps(MathF.BitDecrement(edge), Exp<TIsa, TVector>(MathF.BitDecrement(edge)));
            AssertUlps(MathF.BitIncrement(edge), Exp<TIsa, TVector>(MathF.BitIncrement(edge)));
        }

        Assert.That(Exp<TIsa, TVector>(0), Is.EqualTo(1));
        Assert.That(Exp<TIsa, TVector>(-0f), Is.EqualTo(1));
        foreach (float low in new[] { -88f, -1e4f, -float.MaxValue, float.NegativeInfinity })
            Assert.That(Exp<TIsa, TVector>(low), Is.EqualTo(1.2e-38f).Within(0.1e-38f));
    }

    private static float Exp<TIsa, TVector>(float x)
        where TIsa : struct, IVectorIsa<TVector>
        where TVector : struct
    {
        float* lanes = stackalloc float[TIsa.Count];
        TIsa.Store(VectorMath.Exp<TIsa, TVector>(TIsa.Broadcast(x)), lanes);
        for (int lane = 1; lane < TIsa.Count; lane++)
        {
            if (lanes[lane] != lanes[0])
                Assert.Fail($"Lane {lane} of exp({x:R}) is {lanes[lane]:R}, lane 0 {lanes[0]:R}.");
        }

        return lanes[0];
    }

    private static void AssertUlps(float x, float actual)
    {
        double expected = Math.Exp((double)x);
        double unit = Math.Pow(2, Math.Max(Math.Floor(Math.Log2(expected)), -126) - 23);
        if (!(Math.Abs(actual - expected) <= 2 * unit))
            Assert.Fail($"exp({x:R}) = {actual:R}, expected {expected:R}: {Math.Abs(actual - expected) / unit:F2} units.");
    }
}
