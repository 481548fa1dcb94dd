using NUnit.Framework;

namespace KernelPolicy.Tests.Support;

/// <summary>Limits of test statistics. Seeds are fixed, so a test that passes keeps passing; the confidence says how
/// likely a correct program would have failed when the seed was chosen.</summary>
internal static class Statistic
{
    /// <summary>Standard normal quantile of the tests: two-sided, a correct mean falls outside once in 150,000.</summary>
    public const double Z = 4.5;

    /// <summary>Fails where observed counts disagree with expected ones at |z| ≥ <see cref="Z"/>, either way: too even
    /// is as wrong as too uneven. Wilson and Hilferty's approximation of χ².</summary>
    public static void AssertChiSquare(ReadOnlySpan<int> observed, ReadOnlySpan<double> expected, string what)
    {
        double statistic = 0;
        int bins = 0;
        for (int i = 0; i < observed.Length; i++)
        {
            if (expected[i] == 0)
            {
                Assert.That(observed[i], Is.Zero, $"{what}: bin {i} has no mass.");
                continue;
            }

            statistic += (observed[i] - expected[i]) * (observed[i] - expected[i]) / expected[i];
            bins++;
        }

        double degrees = bins - 1;
        double spread = 2 / (9 * degrees);
        double z = (Math.Cbrt(statistic / degrees) - (1 - spread)) / Math.Sqrt(spread);
        Assert.That(z, Is.InRange(-Z, Z), $"{what}: χ² = {statistic:F1} with {degrees} degrees of freedom.");
    }

    /// <summary>Fails where a mean is more than <see cref="Z"/> standard errors, plus an allowance, from a value.</summary>
    public static void AssertMean(double mean, double standardError, double expected, double allowance, string what)
    {
        double allowed = (Z * standardError) + allowance;
        Assert.That(
            Math.Abs(mean - expected),
            Is.LessThanOrEqualTo(allowed),
            $"{what}: mean {mean:G6}, expected {expected:G6}, standard error {standardError:G3}, allowance {allowance:G3}.");
    }
}
