using KernelPolicy.Kernels;
using KernelPolicy.Policy;
using NUnit.Framework;

namespace KernelPolicy.Tests.OffPolicy;

/// <summary>Each warning where it is due, and none where nothing is wrong.</summary>
public sealed class EvaluationWarningTests
{
    [Test]
    public void A_good_log_gives_none()
    {
        var bandit = new SmallBandit(8, distance: 0.3);
        (LoggedFeedback log, int[] contexts) = bandit.Draw(3000);
        Assert.That(Evaluate(log, bandit.Policy(contexts)).Warnings, Is.Empty);
    }

    /// <summary>π acts on item 1 half of the time, the log never does: the weights average 1/2.</summary>
    [Test]
    public void Missing_support_shows_in_the_mean_weight_and_in_the_unlogged_mass()
    {
        int n = 400;
        LoggedFeedback log = Log([.. Enumerable.Range(0, n).Select(i => 2 * (i % 2))], 0.5, 3);
        OffPolicyReport report = Evaluate(log, new GivenProbabilities([0.2, 0.5, 0.3], 3, new int[n]));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(report.Warns(EvaluationWarningKind.MeanWeightBelowOne));
            Assert.That(report.Warns(EvaluationWarningKind.UnloggedMass));
            Assert.That(report.Weights.UnloggedMass, Is.EqualTo(0.5).Within(1e-12));
            Assert.That(report.Weights.MeanWeight, Is.EqualTo(0.5).Within(1e-12));
            Assert.That(report.Weights.MeanWeightPValue, Is.LessThan(1e-6));
        }
    }

    [Test]
    public void Propensities_that_are_too_small_lift_the_mean_weight()
    {
        LoggedFeedback log = Log([.. Enumerable.Range(0, 400).Select(i => i % 2)], 0.25, 2);
        OffPolicyReport report = Evaluate(log, new GivenProbabilities([0.5, 0.5], 2, new int[400]));
        Assert.That(report.Warns(EvaluationWarningKind.MeanWeightAboveOne));
        Assert.That(report.Weights.MeanWeightZ, Is.EqualTo(double.PositiveInfinity));
    }

    [Test]
    public void A_dominant_row_is_named()
    {
        double[] pi = [.. Enumerable.Range(0, 200).Select(i => i == 0 ? 1 : 0.001)];
        OffPolicyReport report = Evaluate(Log(new int[200], 0.01, 2), new LoggedActionProbabilities(pi, 2));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(report.Warns(EvaluationWarningKind.DominantWeight));
            Assert.That(report.Warns(EvaluationWarningKind.LowEffectiveSampleSize));
            Assert.That(report.Warnings.Single(w => w.Kind == EvaluationWarningKind.DominantWeight).Text, Does.Contain("100"));
        }
    }

    [Test]
    public void Clipping_of_many_is_named()
    {
        LoggedFeedback log = Log([.. Enumerable.Range(0, 400).Select(i => i % 2)], 0.25, 2);
        OffPolicyReport report = Evaluate(
            log, new GivenProbabilities([0.5, 0.5], 2, new int[400]), new OffPolicyOptions { Clip = WeightClip.AtPropensity(0.3) });
        Assert.That(report.Warns(EvaluationWarningKind.ManyClipped));
        Assert.That(report.Weights.ClippedShare, Is.EqualTo(1));
    }

    [Test]
    public void No_weight_leaves_self_normalised_ips_without_a_value()
    {
        OffPolicyReport report = Evaluate(Log(new int[300], 0.5, 2), new GivenProbabilities([0, 1], 2, new int[300]));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(report.Warns(EvaluationWarningKind.NoWeight));
            Assert.That(report.Weights.EffectiveSampleSize, Is.Zero);
            Assert.That(report.Weights.LargestShare, Is.Zero);
            Assert.That(report[OffPolicyEstimator.Ips].Value, Is.Zero);
            Assert.That(report[OffPolicyEstimator.SelfNormalisedIps].Value, Is.NaN);
            Assert.That(report[OffPolicyEstimator.SelfNormalisedIps].Bootstrap!.Value.Lower, Is.NaN);
        }
    }

    [Test]
    public void Fitted_propensities_and_few_rewards_are_named()
    {
        var log = new LoggedFeedback(new int[50], Enumerable.Repeat(0.5, 50).ToArray(), new double[50], 2, PropensityOrigin.Fitted);
        OffPolicyReport report = Evaluate(log, new UniformPolicy(50, 2));
        Assert.That(report.Warns(EvaluationWarningKind.FittedPropensities));
        Assert.That(report.Warns(EvaluationWarningKind.FewRewardedRows));
    }

    [Test]
    public void Negative_rewards_leave_logarithmic_smoothing_out_unless_their_range_is_given()
    {
        double[] rewards = [.. Enumerable.Range(0, 100).Select(i => i % 2 == 0 ? -1.0 : 2)];
        var log = new LoggedFeedback(new int[100], Enumerable.Repeat(0.5, 100).ToArray(), rewards, 2);
        OffPolicyReport without = Evaluate(log, new UniformPolicy(100, 2));
        Assert.That(without.Warns(EvaluationWarningKind.NegativeRewards));
        Assert.That(without.Find(OffPolicyEstimator.LogarithmicSmoothing), Is.Null);
        OffPolicyReport with = Evaluate(log, new UniformPolicy(100, 2), new OffPolicyOptions { Rewards = new RewardRange(-1, 2) });
        ValueEstimate smoothed = with[OffPolicyEstimator.LogarithmicSmoothing];
        Assert.That(with.Warns(EvaluationWarningKind.NegativeRewards), Is.False);
        Assert.That(smoothed.FiniteSample!.Value.Contains(0.5));
        Assert.That(smoothed.FiniteSample.Value.Lower, Is.GreaterThanOrEqualTo(-1));
        Assert.That(smoothed.FiniteSample.Value.Upper, Is.LessThanOrEqualTo(2));
    }

    /// <summary>Two draws of the tail and a head of one: the noise of Ẑ outweighs that of the log.</summary>
    [Test]
    public void A_noisy_normaliser_is_named()
    {
        const int rows = 300;
        using var policy = new SoftmaxCase(500, rows, sharpness: 0.2);
        LoggedFeedback log = Log([.. Enumerable.Range(0, rows).Select(i => i * 7 % 500)], 0.002, 500);
        using EstimatedProbabilities noisy = policy.Estimated(1, 2);
        using ExactProbabilities exact = policy.Exact();
        OffPolicyReport report = OffPolicyEvaluator.Evaluate(log, noisy, policy.Team);
        OffPolicyReport sure = OffPolicyEvaluator.Evaluate(log, exact, policy.Team);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(report.Warns(EvaluationWarningKind.NoisyNormaliser));
            Assert.That(report.Weights.LogProbabilityError, Is.GreaterThan(0.1));
            Assert.That(sure.Warns(EvaluationWarningKind.NoisyNormaliser), Is.False);
            Assert.That(sure.Weights.LogProbabilityError, Is.Zero);
        }
    }

    [Test]
    public void One_row_has_a_value_and_no_errors()
    {
        OffPolicyReport report = Evaluate(Log([1], 0.5, 2), new UniformPolicy(1, 2));
        ValueEstimate ips = report[OffPolicyEstimator.Ips];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(report.Warns(EvaluationWarningKind.TooFewRows));
            Assert.That(ips.Value, Is.EqualTo(1).Within(1e-12));
            Assert.That(ips.StandardError, Is.NaN);
            Assert.That(ips.Interval.Lower, Is.NaN);
            Assert.That(ips.Bootstrap, Is.Null);
            Assert.That(report.Weights.MeanWeightZ, Is.NaN);
            Assert.That(report[OffPolicyEstimator.LogarithmicSmoothing].FiniteSample!.Value.Lower, Is.Zero);
        }
    }

    /// <summary>All rows reward 1 with one propensity.</summary>
    private static LoggedFeedback Log(int[] actions, double propensity, int catalogue) => new(
        actions, Enumerable.Repeat(propensity, actions.Length).ToArray(), Enumerable.Repeat(1.0, actions.Length).ToArray(), catalogue);

    private static OffPolicyReport Evaluate(LoggedFeedback log, IPolicyProbabilities policy, OffPolicyOptions? options = null)
    {
        using var team = new WorkerTeam(2);
        return OffPolicyEvaluator.Evaluate(log, policy, team, (options ?? new OffPolicyOptions()) with { BootstrapReplicates = 100 });
    }
}
