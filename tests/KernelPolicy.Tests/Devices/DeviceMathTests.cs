using ILGPU;
using ILGPU.Runtime;
using KernelPolicy.Kernels.Ilgpu;
using NUnit.Framework;
using Half = System.Half;

namespace KernelPolicy.Tests.Devices;

/// <summary>The elementary functions of the kernels, number by number.</summary>
[TestFixtureSource(typeof(DevicePaths), nameof(DevicePaths.Devices))]
public sealed class DeviceMathTests(DevicePath path) : DeviceFixture(path)
{
    private const float LargestFinite = 65504;

    [Test]
    public void Exp_of_floats_is_within_two_units_in_the_last_place()
    {
        int count = IsEmulated ? 4_001 : 400_001;
        float[] x = [.. Enumerable.Range(0, count).Select(i => (float)(-87 + (175.0 * i / (count - 1)))), 0f, -0f, 1f, -1f];
        float[] actual = Map(x, MathProbes.ExpFloat);
        int worst = -1;
        double most = 0;
        for (int i = 0; i < x.Length; i++)
        {
            double expected = Math.Exp(x[i]);
            double units = Math.Abs(actual[i] - expected) / Ulp(expected);
            if (!(units <= most))
                (most, worst) = (units, i);
        }

        Assert.That(most, Is.LessThanOrEqualTo(2.0), $"units in the last place at {(worst < 0 ? 0 : x[worst])}");
    }

    [Test]
    public void Exp_of_floats_at_its_ends()
    {
        float[] y = Map([float.NaN, float.NegativeInfinity, float.MinValue, -1e6f, -200f, -88f], MathProbes.ExpFloat);
        Assert.That(y[0], Is.NaN);
        Assert.That(y[1..], Is.All.InRange(1.17e-38f, 1.18e-38f), "as good as zero, and the same for all of them");
    }

    [Test]
    public void Exp_of_doubles_is_within_1e_15_of_itself()
    {
        int count = IsEmulated ? 2_001 : 200_001;
        double[] x = [.. Enumerable.Range(0, count).Select(i => -700 + (1400.0 * i / (count - 1))), .. Enumerable.Range(-50, 101).Select(i => i / 49.0)];
        double[] actual = Map(x, MathProbes.ExpDouble);

        // Math.Exp itself is off by half a unit in the last place or so, 2^-53 of its value.
        double[] errors = [.. x.Select((value, i) => Math.Abs((actual[i] / Math.Exp(value)) - 1))];
        Assert.That(errors.Max(), Is.LessThanOrEqualTo(1e-15 + Math.Pow(2, -52)), $"share of e^x at {x[Array.IndexOf(errors, errors.Max())]}");
        double[] ends = Map([-1e300, double.NegativeInfinity, 1e300], MathProbes.ExpDouble);
        Assert.That(ends[0], Is.EqualTo(Math.Exp(-700)).Within(2).Ulps);
        Assert.That(ends[1], Is.EqualTo(ends[0]));
        Assert.That(ends[2], Is.EqualTo(Math.Exp(700)).Within(4).Ulps);
    }

    [Test]
    public void Log_of_doubles_is_within_1e_15()
    {
        int count = IsEmulated ? 2_001 : 200_001;
        double[] x =
        [
            .. Enumerable.Range(0, count).Select(i => Math.Exp(-700 + (1400.0 * i / (count - 1)))),
            .. Enumerable.Range(1, 2000).Select(i => i / 1000.0), 1, Math.Sqrt(2), Math.Sqrt(0.5), Math.BitIncrement(1), Math.BitDecrement(1),
        ];
        double[] actual = Map(x, MathProbes.LogDouble);
        double[] errors = [.. x.Select((value, i) => Math.Abs(actual[i] - Math.Log(value)) / Math.Max(1, Math.Abs(Math.Log(value))))];
        Assert.That(errors.Max(), Is.LessThanOrEqualTo(1e-15), $"error at {x[Array.IndexOf(errors, errors.Max())]:R}");
        Assert.That(Map([0.0], MathProbes.LogDouble)[0], Is.EqualTo(double.NegativeInfinity));
    }

    [Test]
    public void A_product_and_a_sum_are_rounded_once()
    {
        // (1 + 2^-12)² − (1 + 2^-11) = 2^-24, which a rounded product loses.
        float a = 1 + MathF.ScaleB(1, -12);
        Assert.That((float)(a * a) - (1 + MathF.ScaleB(1, -11)), Is.Zero, "rounded twice");
        float[] y = Map([a], MathProbes.SquareLess);
        Assert.That(y[0], Is.EqualTo(MathF.ScaleB(1, -24)));
    }

    [Test]
    public void Numbers_are_told_from_what_is_none() => Assert.That(
        Map([0f, -1f, float.MaxValue, float.Epsilon, float.NaN, float.PositiveInfinity, float.NegativeInfinity], MathProbes.IsFinite),
        Is.EqualTo((float[])[1, 1, 1, 1, 0, 0, 0]));

    /// <summary>On the emulator one in 31, the largest among them: all exponents and both signs, in a thirtieth of its time.</summary>
    [Test]
    public void Every_finite_half_is_widened_exactly()
    {
        int every = IsEmulated ? 31 : 1;
        ushort[] bits =
        [
            .. Enumerable.Range(0, 1 << 16).Select(i => (ushort)i).Where(i => Half.IsFinite(BitConverter.UInt16BitsToHalf(i)))
                .Where((_, place) => place % every == every - 1),
        ];
        HalfTable table = new(Upload<ushort>(bits).View, bits.Length);
        DeviceArray<float> wide = Room<float>(bits.Length);
        Action<KernelConfig, HalfTable, ArrayView<float>> kernel = Device.Accelerator.LoadStreamKernel<HalfTable, ArrayView<float>>(MathProbes.Widen);
        kernel(Threads(bits.Length), table, wide.View);
        float[] expected = [.. bits.Select(half => (float)BitConverter.UInt16BitsToHalf(half))];
        Assert.That(expected.Max(), Is.EqualTo(LargestFinite));
        Assert.That(
            Download(wide).Select(BitConverter.SingleToUInt32Bits), Is.EqualTo(expected.Select(BitConverter.SingleToUInt32Bits)));
    }

    private static double Ulp(double value) => Math.Pow(2, Math.Max(Math.ILogB(value), -126) - 23);

    private T[] Map<T>(T[] values, Action<ArrayView<T>, ArrayView<T>> probe)
        where T : unmanaged
    {
        DeviceArray<T> source = Upload<T>(values), target = Room<T>(values.Length);
        Action<KernelConfig, ArrayView<T>, ArrayView<T>> kernel = Device.Accelerator.LoadStreamKernel(probe);
        kernel(Threads(values.Length), source.View, target.View);
        return Download(target);
    }
}

/// <summary>Kernels that call one function each, a number a thread.</summary>
internal static class MathProbes
{
    public static void ExpFloat(ArrayView<float> x, ArrayView<float> y)
    {
        int i = Grid.GlobalIndex.X;
        if (i < x.Length)
            y[i] = DeviceMath.Exp(x[i]);
    }

    public static void ExpDouble(ArrayView<double> x, ArrayView<double> y)
    {
        int i = Grid.GlobalIndex.X;
        if (i < x.Length)
            y[i] = DeviceMath.Exp(x[i]);
    }

    public static void LogDouble(ArrayView<double> x, ArrayView<double> y)
    {
        int i = Grid.GlobalIndex.X;
        if (i < x.Length)
            y[i] = DeviceMath.Log(x[i]);
    }

    public static void SquareLess(ArrayView<float> x, ArrayView<float> y)
    {
        int i = Grid.GlobalIndex.X;
        if (i < x.Length)
            y[i] = DeviceMath.MultiplyAdd(x[i], x[i], -(1f + (2f * (x[i] - 1f))));
    }

    public static void IsFinite(ArrayView<float> x, ArrayView<float> y)
    {
        int i = Grid.GlobalIndex.X;
        if (i < x.Length)
            y[i] = DeviceMath.IsFinite(x[i]) ? 1f : 0f;
    }

    public static void Widen(HalfTable table, ArrayView<float> wide)
    {
        int i = Grid.GlobalIndex.X;
        if (i < wide.Length)
            wide[i] = table.At(i);
    }
}
