using KernelPolicy.Kernels;
using KernelPolicy.Tests.Reference;
using NUnit.Framework;

namespace KernelPolicy.Tests.Serving.Exploration;

public sealed class BinomialSamplerTests
{
    private const int Draws = 200_000;
    private const double LeastBin = Draws / 80.0;

    /// <summary>Both methods, their border at n·p = 10, both sides of p = ½, and n to 2^31 − 1.</summary>
    [TestCase(1, 0.3)]
    [TestCase(20, 0.5)]
    [TestCase(20, 0.999)]
    [TestCase(50, 0.02)]
    [TestCase(100, 0.4)]
    [TestCase(100, 0.9)]
    [TestCase(1000, 0.005)]
    [TestCase(1000, 0.00999)]
    [TestCase(1000, 0.01001)]
    [TestCase(1000, 0.99001)]
    [TestCase(1_000_000, 0.001)]
    [TestCase(int.MaxValue, 1e-9)]
    [TestCase(int.MaxValue, 5e-6)]
    [TestCase(int.MaxValue, 0.3)]
    [TestCase(int.MaxValue, 0.75)]
    public void Draws_follow_the_mass_function(int n, double p)
    {
        (long first, double[] masses) = BinomialMass.Of(n, p);
        DrawSequence random = new(new RandomDraws(3, RandomPurpose.Exploration, n, (int)(p * 1e6)));
        int[] counts = new int[masses.Length];
        for (int i = 0; i < Draws; i++)
            counts[BinomialSampler.Draw(n, p, ref random) - first]++;
        (List<int> binned, List<double> probabilities) = Bin(counts, masses);
        Law.AssertCounts(binned, probabilities, $"Binomial({n}, {p})");
    }

    [Test]
    public void Ends_of_the_ranges()
    {
        DrawSequence random = new(new RandomDraws(3, RandomPurpose.Exploration, 0, 0));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(BinomialSampler.Draw(0, 0.5, ref random), Is.Zero);
            Assert.That(BinomialSampler.Draw(int.MaxValue, 0, ref random), Is.Zero);
            Assert.That(BinomialSampler.Draw(int.MaxValue, 1, ref random), Is.EqualTo(int.MaxValue));
            Assert.That(BinomialSampler.Draw(int.MaxValue, 1e-300, ref random), Is.Zero);
            Assert.That(BinomialSampler.Draw(int.MaxValue, double.Epsilon, ref random), Is.Zero);
        }
    }

    [TestCase(-1, 0.5)]
    [TestCase(5, -0.1)]
    [TestCase(5, 1.1)]
    [TestCase(5, double.NaN)]
    public void Values_out_of_range_are_refused(int n, double p) => Assert.That(
        () =>
        {
            DrawSequence random = new(new RandomDraws(3, RandomPurpose.Exploration, 0, 0));
            return BinomialSampler.Draw(n, p, ref random);
        },
        Throws.InstanceOf<ArgumentOutOfRangeException>());

    private static (List<int> Counts, List<double> Probabilities) Bin(int[] counts, double[] masses)
    {
        List<int> binned = [];
        List<double> probabilities = [];
        int count = 0;
        double mass = 0;
        for (int k = 0; k < counts.Length; k++)
        {
            count += counts[k];
            mass += masses[k];
            if (mass * Draws < LeastBin && k < counts.Length - 1)
                continue;
            binned.Add(count);
            probabilities.Add(mass);
            (count, mass) = (0, 0);
        }

        return (binned, probabilities);
    }
}
