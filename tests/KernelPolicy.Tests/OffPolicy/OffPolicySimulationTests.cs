using KernelPolicy.Kernels;
using KernelPolicy.Policy;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.OffPolicy;

/// <summary>Bias, variance and coverage of the estimators where the truth is known, over many logs.</summary>
public sealed class OffPolicySimulationTests
{
    private const int Replications = 400;
    private const int Rows = 600;

    private static readonly OffPolicyEstimator[] Unbiased = [OffPolicyEstimator.Ips, OffPolicyEstimator.DoublyRobust];
    private static readonly OffPolicyEstimator[] Consistent = [.. Unbiased, OffPolicyEstimator.SelfNormalisedIps];

    private readonly SmallBandit _bandit = new(seed: 20);
    private OffPolicyReport[] _good = [];
    private OffPolicyReport[] _bad = [];

    [OneTimeSetUp]
    public void Simulate()
    {
        using var team = new WorkerTeam(2);
        var good = new List<OffPolicyReport>();
        var bad = new List<OffPolicyReport>();
        for (int replication = 0; replication < Replications; replication++)
        {
            (LoggedFeedback log, int[] contexts) = _bandit.Draw(Rows);
            using GivenProbabilities policy = _bandit.Policy(contexts);
            var options = new OffPolicyOptions
            {
                Confidence = 0.95, BootstrapReplicates = 200, Seed = (ulong)replication, Rewards = new RewardRange(0, 1), SupportContexts = 0,
                Model = SmallBandit.Model(contexts, GoodModel),
            };
            good.Add(OffPolicyEvaluator.Evaluate(log, policy, team, options));
            bad.Add(OffPolicyEvaluator.Evaluate(
                log, policy, team, options with { BootstrapReplicates = 0, Model = SmallBandit.Model(contexts, BadModel) }));
        }

        (_good, _bad) = ([.. good], [.. bad]);
    }

    [Test]
    public void Ips_and_doubly_robust_are_unbiased([Values] bool goodModel, [ValueSource(nameof(Unbiased))] OffPolicyEstimator estimator) =>
        AssertMean(goodModel ? _good : _bad, estimator, _bandit.Value, 0);

    /// <summary>To first order the bias of Σwr/Σw is −Cov(w r − V w, w)/N; what is left is smaller by 1/N again.</summary>
    [Test]
    public void Self_normalised_ips_has_the_bias_of_a_ratio()
    {
        double value = _bandit.Value;
        double bias = -_bandit.Expect(
            _bandit.Logging, (x, a) => _bandit.Weight(x, a) * _bandit.Weight(x, a) * (_bandit.Clicks[x][a] - value)) / Rows;
        AssertMean(_good, OffPolicyEstimator.SelfNormalisedIps, value + bias, Math.Abs(bias));
    }

    [Test]
    public void The_direct_method_is_as_biased_as_its_model_and_doubly_robust_is_not()
    {
        double ofModel = _bandit.Expect(_bandit.Target, BadModel);
        AssertMean(_bad, OffPolicyEstimator.DirectMethod, ofModel, 1e-6);
        Assert.That(Math.Abs(ofModel - _bandit.Value), Is.GreaterThan(0.05), "the model is bad");
        AssertMean(_bad, OffPolicyEstimator.DoublyRobust, _bandit.Value, 0);
    }

    /// <summary>The squared standard error is unbiased for Var/N of terms; its own mean over 400 logs is known to its simulation
    /// error.</summary>
    [Test]
    public void Standard_errors_are_those_of_the_terms()
    {
        double value = _bandit.Value;
        double ips = _bandit.Expect(_bandit.Logging, (x, a) => Math.Pow(_bandit.Weight(x, a), 2) * _bandit.Clicks[x][a]) - (value * value);
        AssertVariance(_good, OffPolicyEstimator.Ips, ips / Rows);
        double[] means = [.. Enumerable.Range(0, SmallBandit.Population)
            .Select(x => Enumerable.Range(0, SmallBandit.Items).Sum(a => _bandit.Target[x][a] * GoodModel(x, a)))];
        double robust = _bandit.Expect(_bandit.Logging, (x, a) =>
        {
            double click = _bandit.Clicks[x][a];
            double Term(double r) => Math.Pow(means[x] + (_bandit.Weight(x, a) * (r - GoodModel(x, a))) - value, 2);
            return (click * Term(1)) + ((1 - click) * Term(0));
        });
        AssertVariance(_good, OffPolicyEstimator.DoublyRobust, robust / Rows);
        Assert.That(robust, Is.LessThan(0.8 * ips), "a good model lowers the variance");
    }

    [Test]
    public void Doubly_robust_with_a_good_model_varies_less_than_ips()
    {
        double Variance(OffPolicyEstimator e) => Math.Pow(Spread(_good, e), 2);
        Assert.That(Variance(OffPolicyEstimator.DoublyRobust), Is.LessThan(Variance(OffPolicyEstimator.Ips)));
    }

    /// <summary>Hits of a 95 % interval in 400 logs are binomial: within 4.5 standard deviations of 380.</summary>
    [Test]
    public void Closed_form_intervals_cover([ValueSource(nameof(Consistent))] OffPolicyEstimator estimator) =>
        AssertCoverage(_good.Count(r => r[estimator].Interval.Contains(_bandit.Value)), estimator);

    [Test]
    public void Bootstrap_intervals_cover([ValueSource(nameof(Consistent))] OffPolicyEstimator estimator) =>
        AssertCoverage(_good.Count(r => r[estimator].Bootstrap!.Value.Contains(_bandit.Value)), estimator);

    /// <summary>Each side may miss with 2.5 %: at most 10 of 400 on average, 24 at 4.5 standard deviations.</summary>
    [Test]
    public void Finite_sample_bounds_hold_at_their_level(
        [Values(OffPolicyEstimator.LogarithmicSmoothing, OffPolicyEstimator.ClippedIps)] OffPolicyEstimator estimator)
    {
        double most = (Replications * 0.025) + (Statistic.Z * Math.Sqrt(Replications * 0.025 * 0.975));
        ConfidenceInterval[] intervals = [.. _good.Select(r => r[estimator].FiniteSample!.Value)];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(intervals.Count(i => i.Lower > _bandit.Value), Is.LessThanOrEqualTo(most));
            Assert.That(intervals.Count(i => i.Upper < _bandit.Value), Is.LessThanOrEqualTo(most));
            Assert.That(intervals.Average(i => i.Upper - i.Lower), Is.LessThan(1), "the bounds say something");
        }
    }

    [Test]
    public void The_bound_of_logarithmic_smoothing_is_tighter_than_empirical_bernstein()
    {
        double Lower(OffPolicyEstimator e) => _good.Average(r => r[e].FiniteSample!.Value.Lower);
        Assert.That(Lower(OffPolicyEstimator.LogarithmicSmoothing), Is.GreaterThan(Lower(OffPolicyEstimator.ClippedIps)));
    }

    [Test]
    public void Logarithmic_smoothing_and_clipping_are_pessimistic()
    {
        foreach (OffPolicyReport report in _good)
        {
            Assert.That(report[OffPolicyEstimator.LogarithmicSmoothing].Value, Is.LessThanOrEqualTo(report[OffPolicyEstimator.Ips].Value));
            Assert.That(report[OffPolicyEstimator.ClippedIps].Value, Is.LessThanOrEqualTo(report[OffPolicyEstimator.Ips].Value));
        }
    }

    /// <summary>The mean weight is 1: z is beyond 3.29 in few logs, and on average 0 but for the skew of the weights.</summary>
    [Test]
    public void The_mean_weight_is_one()
    {
        double[] means = [.. _good.Select(r => r.Weights.MeanWeight)];
        double error = Math.Sqrt(means.Sum(m => Math.Pow(m - means.Average(), 2)) / (Replications - 1) / Replications);
        Statistic.AssertMean(means.Average(), error, 1, 0, "mean weight");
        Assert.That(_good.Count(r => r.Warns(EvaluationWarningKind.MeanWeightAboveOne)), Is.LessThanOrEqualTo(3));
    }

    private double GoodModel(int x, int a) => _bandit.Clicks[x][a] + (0.05 * Math.Sin(x + (3 * a)));

    private static double BadModel(int x, int a) => 0.8 + (0.1 * Math.Sin(x + a));

    private static double Spread(OffPolicyReport[] reports, OffPolicyEstimator estimator)
    {
        double[] values = [.. reports.Select(r => r[estimator].Value)];
        double mean = values.Average();
        return Math.Sqrt(values.Sum(v => Math.Pow(v - mean, 2)) / (values.Length - 1));
    }

    private static void AssertMean(OffPolicyReport[] reports, OffPolicyEstimator estimator, double expected, double allowance) =>
        Statistic.AssertMean(
            reports.Average(r => r[estimator].Value), Spread(reports, estimator) / Math.Sqrt(reports.Length), expected, allowance,
            $"{estimator}");

    private static void AssertVariance(OffPolicyReport[] reports, OffPolicyEstimator estimator, double expected)
    {
        double[] squares = [.. reports.Select(r => Math.Pow(r[estimator].StandardError, 2))];
        double mean = squares.Average();
        double error = Math.Sqrt(squares.Sum(s => Math.Pow(s - mean, 2)) / (squares.Length - 1) / squares.Length);
        // The model is rounded to single precision: 1e-6 of the variance.
        Statistic.AssertMean(mean, error, expected, 1e-6 * expected, $"squared error of {estimator}");
    }

    private static void AssertCoverage(int hits, OffPolicyEstimator estimator)
    {
        double slack = Statistic.Z * Math.Sqrt(Replications * 0.95 * 0.05);
        Assert.That(hits, Is.InRange((Replications * 0.95) - slack, (Replications * 0.95) + slack), $"{estimator}");
    }
}
