using KernelPolicy.Policy;
using MathNet.Numerics.Distributions;
using NUnit.Framework;

namespace KernelPolicy.Tests.OffPolicy;

/// <summary>Quantiles and tails against those of a library.</summary>
public sealed class QuantileTests
{
    [Test]
    public void Normal_quantiles(
        [Values(1e-12, 1e-6, 0.001, 0.025, 0.074, 0.076, 0.3, 0.5, 0.77, 0.926, 0.975, 0.9999)] double probability)
    {
        // The library's own quantile is good to about 1e-9.
        double expected = MathNet.Numerics.Distributions.Normal.InvCDF(0, 1, probability);
        Assert.That(Quantiles.Normal(probability), Is.EqualTo(expected).Within(1e-8 * (1 + Math.Abs(expected))));
    }

    [Test]
    public void Student_quantiles(
        [Values(1, 2, 3, 4, 5, 9, 30, 200, 9999, 10_000_000)] int degrees, [Values(0.5, 0.2, 0.1, 0.05, 0.01, 0.001)] double outside)
    {
        // Five digits of t are what Hill promises; an interval needs no more.
        double expected = StudentT.InvCDF(0, 1, degrees, 1 - (outside / 2));
        Assert.That(Quantiles.StudentTwoSided(outside, degrees), Is.EqualTo(expected).Within(1e-5 * expected));
    }

    [Test]
    public void Normal_tails([Values(0, 0.3, 1, -1.96, 3.29, 8)] double z)
    {
        double expected = MathNet.Numerics.SpecialFunctions.Erfc(Math.Abs(z) / Math.Sqrt(2));
        Assert.That(Quantiles.NormalTwoSidedTail(z), Is.EqualTo(expected).Within(1.5e-7 * expected));
    }

    [Test]
    public void Quantiles_of_a_list_interpolate()
    {
        double[] values = [1, 2, 4, 8, 16];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Quantiles.Sorted(values, 0), Is.EqualTo(1));
            Assert.That(Quantiles.Sorted(values, 0.5), Is.EqualTo(4));
            Assert.That(Quantiles.Sorted(values, 0.625), Is.EqualTo(6));
            Assert.That(Quantiles.Sorted(values, 1), Is.EqualTo(16));
        }
    }
}
