using KernelPolicy.Kernels;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Serving.Exploration;

public sealed class GumbelTests
{
    private const int Draws = 200_000;
    private const int Bins = 64;

    /// <summary>Against Taylor's series; each side is right to a few units of 2⁻⁵³ ≈ 1.1·10⁻¹⁶.</summary>
    [Test]
    public void Exponentials_do_not_cancel()
    {
        foreach (double size in new[] { 1e-300, 1e-20, 1e-16, 3e-9, 1e-3, 0.05, 0.3 })
        {
            foreach (double x in new[] { size, -size })
            {
                Assert.That(Exponentials.ExpMinusOne(x), Is.EqualTo(ExpSeries(x)).Within(1e-15 * Math.Abs(x)));
                Assert.That(Exponentials.LogOnePlus(x), Is.EqualTo(LogSeries(x)).Within(1e-15 * Math.Abs(x)));
            }
        }

        using (Assert.EnterMultipleScope())
        {
            Assert.That(Exponentials.ExpMinusOne(double.NegativeInfinity), Is.EqualTo(-1));
            Assert.That(Exponentials.ExpMinusOne(1000), Is.EqualTo(double.PositiveInfinity));
            Assert.That(Exponentials.LogOnePlus(-1), Is.EqualTo(double.NegativeInfinity));
            Assert.That(Exponentials.LogSum(double.NegativeInfinity, -5), Is.EqualTo(-5));
            Assert.That(Exponentials.LogSum(double.NegativeInfinity, double.NegativeInfinity), Is.EqualTo(double.NegativeInfinity));
            Assert.That(Exponentials.LogSum(3, 3), Is.EqualTo(3 + Math.Log(2)).Within(1e-15));
            Assert.That(Exponentials.LogSum(-1e9, 2000), Is.EqualTo(2000));
        }
    }

    /// <summary>F(G) = exp(−e^{−G}) is uniform.</summary>
    [Test]
    public void Noise_is_Gumbel()
    {
        DrawSequence random = new(new RandomDraws(4, RandomPurpose.Exploration, 1, 0));
        int[] counts = new int[Bins];
        for (int i = 0; i < Draws; i++)
            counts[(int)(Math.Exp(-Math.Exp(-Gumbel.FromBits(random.Next()))) * Bins)]++;
        AssertUniform(counts, "F(G)");
    }

    /// <summary>Given G &gt; c, (1 − e^{−E})/(1 − e^{−λ}) is uniform, E = e^{−G}, λ = e^{−c}: from thresholds that all noise exceeds to
    /// those that none of e^{200} does.</summary>
    [TestCase(-1000)]
    [TestCase(-3)]
    [TestCase(0)]
    [TestCase(2)]
    [TestCase(20)]
    [TestCase(200)]
    public void Noise_above_a_threshold_is_Gumbel_given_that(double threshold)
    {
        double exceedance = Gumbel.Exceedance(threshold);
        DrawSequence random = new(new RandomDraws(4, RandomPurpose.Exploration, 2, (int)threshold));
        int[] counts = new int[Bins];
        for (int i = 0; i < Draws; i++)
        {
            double noise = Gumbel.Above(random.Next(), exceedance);
            Assert.That(noise, Is.GreaterThanOrEqualTo(threshold - (1e-15 * Math.Abs(threshold))));
            double share = Math.Min(ExpSeries(-Math.Exp(-noise)) / ExpSeries(-Math.Exp(-threshold)), 1 - 1e-16);
            counts[(int)(share * Bins)]++;
        }

        AssertUniform(counts, $"G given G > {threshold}");
    }

    [Test]
    public void Noise_is_finite_at_the_ends_of_the_bits()
    {
        foreach (ulong bits in new[] { 0UL, ulong.MaxValue })
        {
            Assert.That(Gumbel.FromBits(bits), Is.InRange(-3.7, 36.8));
            foreach (double threshold in new[] { double.NegativeInfinity, -50, 0, 50, 700 })
                Assert.That(double.IsFinite(Gumbel.Above(bits, Gumbel.Exceedance(threshold))));
        }

        Assert.That(Gumbel.Exceedance(double.NegativeInfinity), Is.EqualTo(1));
        Assert.That(Gumbel.Exceedance(700), Is.EqualTo(Math.Exp(-700)).Within(1e-319));
    }

    private static void AssertUniform(int[] counts, string what) =>
        Statistic.AssertChiSquare(counts, Enumerable.Repeat((double)Draws / Bins, Bins).ToArray(), what);

    private static double ExpSeries(double x)
    {
        if (Math.Abs(x) > 0.5)
            return Math.Exp(x) - 1;
        double term = x, sum = x;
        for (int k = 2; k < 30; k++)
            sum += term *= x / k;
        return sum;
    }

    private static double LogSeries(double x)
    {
        double power = x, sum = x;
        for (int k = 2; k < 60; k++)
            sum += (power *= -x) / k;
        return sum;
    }
}
