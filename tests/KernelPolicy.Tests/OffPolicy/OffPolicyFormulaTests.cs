using KernelPolicy.Kernels;
using KernelPolicy.Policy;
using KernelPolicy.Tests.Reference;
using NUnit.Framework;

namespace KernelPolicy.Tests.OffPolicy;

/// <summary>Values, standard errors and diagnostics against hand-made and plain computations.</summary>
public sealed class OffPolicyFormulaTests
{
    // Sums of at most some hundred doubles of the same size: far below 1e-12 of the largest.
    private const double Rounding = 1e-12;

    private static readonly int[] Actions = [0, 1, 1];
    private static readonly double[] Propensities = [0.5, 0.25, 0.25];
    private static readonly double[] Rewards = [1, 0, 1];
    private static readonly double[] Probabilities = [0.5, 0.5, 0.1];

    [Test]
    public void Three_rows_by_hand()
    {
        OffPolicyReport report = Evaluate(new OffPolicyOptions { Clip = WeightClip.AtWeight(1.5), Lambda = 0.5 });
        // w = 1, 2, 0.4.
        using (Assert.EnterMultipleScope())
        {
            Assert.That(report[OffPolicyEstimator.LoggingPolicy].Value, Is.EqualTo(2.0 / 3).Within(Rounding));
            Assert.That(report[OffPolicyEstimator.Ips].Value, Is.EqualTo(1.4 / 3).Within(Rounding));
            Assert.That(report[OffPolicyEstimator.SelfNormalisedIps].Value, Is.EqualTo(1.4 / 3.4).Within(Rounding));
            Assert.That(report[OffPolicyEstimator.ClippedIps].Value, Is.EqualTo(1.4 / 3).Within(Rounding));
            Assert.That(
                report[OffPolicyEstimator.LogarithmicSmoothing].Value,
                Is.EqualTo((Math.Log(1.5) + Math.Log(1.2)) / 1.5).Within(Rounding));
            Assert.That(report.Weights.EffectiveSampleSize, Is.EqualTo(3.4 * 3.4 / 5.16).Within(Rounding));
            Assert.That(report.Weights.LargestWeight, Is.EqualTo(2).Within(Rounding));
            Assert.That(report.Weights.LargestShare, Is.EqualTo(2 / 3.4).Within(Rounding));
            Assert.That(report.Weights.ClippedShare, Is.EqualTo(1.0 / 3).Within(Rounding));
            Assert.That(report.Weights.MeanWeight, Is.EqualTo(3.4 / 3).Within(Rounding));
            Assert.That(report.Weights.MeanClippedWeight, Is.EqualTo(2.9 / 3).Within(Rounding));
            Assert.That(report.Weights.RewardedRows, Is.EqualTo(2));
            Assert.That(report.Find(OffPolicyEstimator.DoublyRobust), Is.Null);
            Assert.That(() => report[OffPolicyEstimator.DirectMethod], Throws.InstanceOf<KeyNotFoundException>());
        }
    }

    [Test]
    public void The_clip_of_training_raises_propensities()
    {
        OffPolicyReport report = Evaluate(new OffPolicyOptions { Clip = WeightClip.AtPropensity(0.4) });
        // π/max(0.4, p) = 1, 1.25, 0.25.
        Assert.That(report[OffPolicyEstimator.ClippedIps].Value, Is.EqualTo(1.25 / 3).Within(Rounding));
        Assert.That(report.Weights.ClippedShare, Is.EqualTo(2.0 / 3).Within(Rounding));
    }

    [Test]
    public void The_default_clip_and_lambda_follow_from_the_number_of_rows()
    {
        OffPolicyReport report = Evaluate(new OffPolicyOptions());
        Assert.That(report.Clip, Is.EqualTo(WeightClip.AtWeight(Math.Sqrt(3))));
        Assert.That(report.Lambda, Is.EqualTo(1 / Math.Sqrt(3)));
    }

    [Test]
    public void Values_and_errors_are_those_of_plain_formulas()
    {
        var bandit = new SmallBandit(5);
        (LoggedFeedback log, int[] contexts) = bandit.Draw(300);
        Func<int, int, double> model = (x, a) => 0.2 + (0.01 * ((x + a) % 7));
        WeightClip clip = WeightClip.AtPropensity(0.03);
        using var team = new WorkerTeam(2);
        OffPolicyReport report = OffPolicyEvaluator.Evaluate(log, bandit.Policy(contexts), team, new OffPolicyOptions
        {
            Clip = clip, Lambda = 0.2, Model = SmallBandit.Model(contexts, model), BootstrapReplicates = 0, Interval = IntervalKind.Normal,
        });

        int[] a = log.Actions.ToArray();
        double[] r = log.Rewards.ToArray(), p = log.Propensities.ToArray();
        double[] w = [.. a.Select((item, i) => bandit.Target[contexts[i]][item] / p[i])];
        double[] clipped = [.. a.Select((item, i) => bandit.Target[contexts[i]][item] / Math.Max(0.03, p[i]))];
        double[] q = [.. a.Select((item, i) => (double)(float)model(contexts[i], item))];
        double[] v = [.. contexts.Select(x => bandit.Target[x].Select((pi, item) => pi * (float)model(x, item)).Sum())];
        AssertEstimate(report, OffPolicyEstimator.LoggingPolicy, OffPolicyValues.Mean(r));
        AssertEstimate(report, OffPolicyEstimator.Ips, OffPolicyValues.Ips(w, r));
        AssertEstimate(report, OffPolicyEstimator.ClippedIps, OffPolicyValues.Ips(clipped, r));
        AssertEstimate(report, OffPolicyEstimator.SelfNormalisedIps, OffPolicyValues.SelfNormalised(w, r));
        AssertEstimate(report, OffPolicyEstimator.DirectMethod, OffPolicyValues.Mean(v));
        AssertEstimate(report, OffPolicyEstimator.DoublyRobust, OffPolicyValues.DoublyRobust(w, r, v, q));
        AssertEstimate(report, OffPolicyEstimator.ClippedDoublyRobust, OffPolicyValues.DoublyRobust(clipped, r, v, q));
        AssertEstimate(report, OffPolicyEstimator.LogarithmicSmoothing, OffPolicyValues.Smoothed(w, r, 0.2));
        Assert.That(report.Weights.EffectiveSampleSize, Is.EqualTo(OffPolicyValues.EffectiveSampleSize(w)).Within(1e-9));
        Assert.That(report.Weights.MeanWeightError, Is.EqualTo(OffPolicyValues.Mean(w).Error).Within(Rounding));
    }

    [Test]
    public void The_policy_that_made_the_log_has_weights_of_one()
    {
        double[] pi = [0.5, 0.25, 0.25];
        using var team = new WorkerTeam(1);
        OffPolicyReport report = OffPolicyEvaluator.Evaluate(
            new LoggedFeedback(Actions, Propensities, Rewards, 2), new LoggedActionProbabilities(pi, 2), team);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(report.Weights.EffectiveSampleSize, Is.EqualTo(3).Within(Rounding));
            Assert.That(report.Weights.MeanWeightZ, Is.Zero);
            Assert.That(report.Weights.MeanWeightPValue, Is.EqualTo(1).Within(1e-6));
            Assert.That(report[OffPolicyEstimator.Ips].Value, Is.EqualTo(report[OffPolicyEstimator.LoggingPolicy].Value).Within(Rounding));
        }
    }

    [Test]
    public void A_shift_of_the_rewards_moves_self_normalised_ips_by_as_much()
    {
        double[] shifted = [.. Rewards.Select(r => r + 5)];
        using var team = new WorkerTeam(1);
        OffPolicyReport report = OffPolicyEvaluator.Evaluate(
            new LoggedFeedback(Actions, Propensities, shifted, 2), new LoggedActionProbabilities(Probabilities, 2), team);
        Assert.That(report[OffPolicyEstimator.SelfNormalisedIps].Value, Is.EqualTo(5 + (1.4 / 3.4)).Within(Rounding));
    }

    private static OffPolicyReport Evaluate(OffPolicyOptions options)
    {
        using var team = new WorkerTeam(1);
        return OffPolicyEvaluator.Evaluate(
            new LoggedFeedback(Actions, Propensities, Rewards, 2), new LoggedActionProbabilities(Probabilities, 2), team, options);
    }

    private static void AssertEstimate(OffPolicyReport report, OffPolicyEstimator estimator, (double Value, double Error) expected)
    {
        ValueEstimate actual = report[estimator];
        // π passes through its logarithm and back: some roundings of a double more than the plain formula.
        using (Assert.EnterMultipleScope())
        {
            Assert.That(actual.Value, Is.EqualTo(expected.Value).Within(Rounding), $"{estimator}");
            Assert.That(actual.StandardError, Is.EqualTo(expected.Error).Within(Rounding), $"{estimator}");
            Assert.That(actual.Interval.Upper - actual.Value, Is.EqualTo(1.959963984540054 * expected.Error).Within(Rounding), $"{estimator}");
            Assert.That(actual.Value - actual.Interval.Lower, Is.EqualTo(1.959963984540054 * expected.Error).Within(Rounding), $"{estimator}");
        }
    }
}
