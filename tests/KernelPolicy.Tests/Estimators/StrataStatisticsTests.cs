using KernelPolicy.Kernels;
using KernelPolicy.Tests.Reference;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Estimators;

/// <summary>
/// What strata claim of themselves, over many draws: Ẑ is unbiased for any head, even an empty or a wrong one; errors fall as
/// 1/l; the errors reported are the errors made; intervals cover what they say. Means may lie 4.5 standard errors away
/// (<see cref="Statistic.Z"/>).
/// </summary>
public sealed class StrataStatisticsTests
{
    private const int P = 403;
    private const int Steps = 4000;

    /// <summary>Which items make the head.</summary>
    public enum HeadKind
    {
        /// <summary>None.</summary>
        Empty,

        /// <summary>The best.</summary>
        Best,

        /// <summary>The worst, as an index might find that is broken.</summary>
        Worst,
    }

    private static EstimatorCase Case(double spread) => EstimatorCase.Normal(P, 7, 2, spread);

    [Test]
    public void Z_is_unbiased_for_any_head(
        [Values] HeadKind kind, [Values] bool control, [Values(0.3, 1.6)] double spread, [Values(16, 64)] int tail)
    {
        using var problem = Case(spread);
        using StrataCase strata = new(problem, tail);
        for (int c = 0; c < 2; c++)
        {
            int[] head = Head(problem, c, kind);
            double logZ = Softmax.LogSumExp(problem.Scores[c]);
            double[] ratios = [.. Run(strata, c, head, tail, control).Select(at => Math.Exp(at.Report.LogPartition - logZ))];
            Statistic.AssertMean(ratios.Average(), StandardError(ratios), 1, 0, $"Ẑ/Z of context {c}");
        }
    }

    /// <summary>The error of Ẑ is l⁻¹ times a constant without a control, and to first order with one, whose line has an error of
    /// its own: from 64 to 256 draws it must fall by 4.</summary>
    [Test]
    public void Errors_fall_as_one_over_l([Values] HeadKind kind, [Values] bool control)
    {
        using var problem = Case(0.6);
        using StrataCase strata = new(problem, 256);
        int[] head = Head(problem, 0, kind);
        double logZ = Softmax.LogSumExp(problem.Scores[0]);
        double[] exact = Estimates.Exact(problem.Scores[0], problem.RewardsOf(RewardKind.Sparse, 0), problem.Beta);
        (double Z, double G, double ZError, double GError) At(int tail)
        {
            var runs = Run(strata, 0, head, tail, control);
            double[] z = [.. runs.Select(at => Math.Pow(Math.Exp(at.Report.LogPartition - logZ) - 1, 2))];
            double[] g = [.. runs.Select(at => SquaredDistance(at.Gradient, exact))];
            return (z.Average(), g.Average(), StandardError(z), StandardError(g));
        }

        var few = At(64);
        var many = At(256);

        // A ratio of means is off by the sum of their relative errors; a twentieth more for orders beyond the first.
        AssertRatio(few.Z / many.Z, (few.ZError / few.Z) + (many.ZError / many.Z), "squared error of Ẑ");
        AssertRatio(few.G / many.G, (few.GError / few.G) + (many.GError / many.G), "squared error of g");

        void AssertRatio(double ratio, double error, string what) => Assert.That(
            ratio, Is.EqualTo(4).Within(4 * ((Statistic.Z * error) + (control ? 0.2 : 0.05))), what);
    }

    /// <summary>The variance reported, on average over draws, is that of the estimates.</summary>
    [Test]
    public void The_errors_reported_are_the_errors_made(
        [Values] HeadKind kind, [Values] bool control, [Values] RewardKind reward, [Values(64, 256)] int tail)
    {
        using var problem = Case(0.6);
        using StrataCase strata = new(problem, tail);
        int[] head = Head(problem, 0, kind);
        double logZ = Softmax.LogSumExp(problem.Scores[0]);
        double[] exact = Estimates.Exact(problem.Scores[0], problem.RewardsOf(reward, 0), problem.Beta);
        var runs = Run(strata, 0, head, tail, control, reward);
        double[] z = [.. runs.Select(at => Math.Pow(Math.Exp(at.Report.LogPartition - logZ) - 1, 2))];
        double[] g = [.. runs.Select(at => SquaredDistance(at.Gradient, exact))];
        double saidOfZ = runs.Average(at => Math.Pow(at.Report.PartitionError, 2));
        double saidOfG = runs.Average(at => at.Report.GradientVariance);

        // Beyond the sampling of the mean: the ratio's own bias and the line's error are of relative order 1/l, with factors
        // of a few (the kurtosis of e^f here).
        double order = 12.0 / tail;
        Statistic.AssertMean(saidOfZ, StandardError(z), z.Average(), order * z.Average(), "variance of Ẑ");
        Statistic.AssertMean(saidOfG, StandardError(g), g.Average(), order * g.Average(), "variance of g");
    }

    [Test]
    public void Intervals_of_95_percent_cover_so_often([Values] HeadKind kind, [Values] bool control)
    {
        using var problem = Case(0.6);
        using StrataCase strata = new(problem, 256);
        int[] head = Head(problem, 0, kind);
        double logZ = Softmax.LogSumExp(problem.Scores[0]);
        var runs = Run(strata, 0, head, 256, control);
        double covered = runs.Average(
            at => Math.Abs(1 - Math.Exp(logZ - at.Report.LogPartition)) <= 1.96 * at.Report.PartitionError ? 1.0 : 0.0);

        // A skewed mean of l draws covers less than a normal one, by some 1/l·skewness²: a hundredth here.
        Assert.That(covered, Is.EqualTo(0.95).Within((Statistic.Z * Math.Sqrt(0.95 * 0.05 / Steps)) + 0.01));
    }

    private static int[] Head(EstimatorCase problem, int context, HeadKind kind) => kind switch
    {
        HeadKind.Best => [.. TopItems.Of(problem.Scores[context], 20).Union(problem.Sessions[context])],
        HeadKind.Worst => [.. TopItems.Of(problem.Scores[context], P).Reverse().Take(20).Union(problem.Sessions[context])],
        _ => problem.Sessions[context],
    };

    private static (float[] Gradient, StrataReport Report)[] Run(
        StrataCase strata, int context, int[] head, int tail, bool control, RewardKind reward = RewardKind.Sparse) =>
    [
        .. Enumerable.Range(0, Steps).Select(step => strata.Estimate(
            context, head, strata.Draws(head, tail, 5, step, context), reward, control)),
    ];

    private static double SquaredDistance(float[] a, double[] b) => a.Zip(b, (x, y) => (x - y) * (x - y)).Sum();

    private static double StandardError(double[] values)
    {
        double mean = values.Average();
        return Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Length - 1) / values.Length);
    }
}
