using KernelPolicy.Kernels;
using KernelPolicy.Policy;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.OffPolicy;

/// <summary>The bootstrap: its counts, its spread, its determinism.</summary>
public sealed class BootstrapTests
{
    [Test]
    public void Counts_are_poisson()
    {
        double[] counts = new double[200_000];
        double sum = PoissonCounts.Fill(new RandomDraws(3, RandomPurpose.Bootstrap, 0, 0), 0, counts);
        int[] observed = new int[8];
        double[] expected = new double[8];
        double term = Math.Exp(-1);
        for (int k = 0; k < 7; k++, term /= k)
            expected[k] = term * counts.Length;
        expected[7] = counts.Length - expected.Sum();
        foreach (double count in counts)
            observed[Math.Min(7, (int)count)]++;
        Statistic.AssertChiSquare(observed, expected, "counts");
        Assert.That(sum, Is.EqualTo(counts.Sum()));
    }

    [Test]
    public void Counts_do_not_depend_on_the_tile()
    {
        var draws = new RandomDraws(3, RandomPurpose.Bootstrap, 5, 0);
        double[] whole = new double[103], parts = new double[103];
        PoissonCounts.Fill(draws, 0, whole);
        PoissonCounts.Fill(draws, 0, parts.AsSpan(0, 40));
        PoissonCounts.Fill(draws, 40, parts.AsSpan(40));
        Assert.That(parts, Is.EqualTo(whole));
    }

    /// <summary>A percentile interval of a nearly normal statistic is 2·1.96 standard deviations of the replicates wide. With
    /// 4000 replicates a quantile at 2.5 % is off by √(0.025·0.975/4000)/φ(1.96) = 4.2 % of a standard deviation, the width by
    /// 1.5 % of itself; 4.5 times that is 7 %.</summary>
    [Test]
    public void Percentile_intervals_are_as_wide_as_closed_forms()
    {
        OffPolicyReport report = Evaluate(threads: 2, seed: 1, rows: 5000, replicates: 4000);
        foreach (ValueEstimate estimate in report.Estimates)
        {
            double width = estimate.Bootstrap!.Value.Upper - estimate.Bootstrap.Value.Lower;
            Assert.That(width / (2 * 1.96 * estimate.StandardError), Is.EqualTo(1).Within(0.07), $"{estimate.Estimator}");
        }
    }

    [Test]
    public void The_report_is_the_same_at_any_number_of_threads([Values(2, 3, 5)] int threads)
    {
        OffPolicyReport one = Evaluate(1, seed: 7), more = Evaluate(threads, seed: 7);
        Assert.That(more.Estimates, Is.EqualTo(one.Estimates));
        Assert.That(more.Weights, Is.EqualTo(one.Weights));
    }

    [Test]
    public void Another_seed_gives_other_intervals()
    {
        OffPolicyReport one = Evaluate(2, seed: 7), other = Evaluate(2, seed: 8);
        Assert.That(other[OffPolicyEstimator.Ips].Bootstrap, Is.Not.EqualTo(one[OffPolicyEstimator.Ips].Bootstrap));
        Assert.That(other[OffPolicyEstimator.Ips].Interval, Is.EqualTo(one[OffPolicyEstimator.Ips].Interval));
    }

    /// <summary>Weights of 1.6 and 0.4 on rewards of 1 and 3: a replicate of one row alone has the ratio 1 or 3, however often it has it;
    /// over its rows it would be 1.6 or 1.2.</summary>
    [Test]
    public void Replicates_of_a_ratio_are_self_normalised()
    {
        using var team = new WorkerTeam(2);
        OffPolicyReport report = OffPolicyEvaluator.Evaluate(
            new LoggedFeedback([0, 1], [0.5, 0.5], [1, 3], 2), new LoggedActionProbabilities([0.8, 0.2], 2), team);
        ConfidenceInterval interval = report[OffPolicyEstimator.SelfNormalisedIps].Bootstrap!.Value;
        Assert.That(interval.Lower, Is.EqualTo(1).Within(1e-12));
        Assert.That(interval.Upper, Is.EqualTo(3).Within(1e-12));
    }

    /// <summary>With two rows a replicate has neither with e⁻² = 14 %: those are drawn again.</summary>
    [Test]
    public void Two_rows_have_an_interval_between_them()
    {
        using var team = new WorkerTeam(2);
        OffPolicyReport report = OffPolicyEvaluator.Evaluate(
            new LoggedFeedback([0, 1], [0.5, 0.5], [1, 3], 2), new LoggedActionProbabilities([0.5, 0.5], 2), team);
        ConfidenceInterval interval = report[OffPolicyEstimator.Ips].Bootstrap!.Value;
        Assert.That(interval.Lower, Is.EqualTo(1).Within(1e-12));
        Assert.That(interval.Upper, Is.EqualTo(3).Within(1e-12));
    }

    private static OffPolicyReport Evaluate(int threads, ulong seed, int rows = 2500, int replicates = 300)
    {
        var bandit = new SmallBandit(31, distance: 0.5);
        (LoggedFeedback log, int[] contexts) = bandit.Draw(rows);
        using GivenProbabilities policy = bandit.Policy(contexts);
        using var team = new WorkerTeam(threads);
        return OffPolicyEvaluator.Evaluate(log, policy, team, new OffPolicyOptions
        {
            Seed = seed, BootstrapReplicates = replicates, Model = SmallBandit.Model(contexts, (x, a) => bandit.Clicks[x][a]),
        });
    }
}
