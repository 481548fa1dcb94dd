using KernelPolicy.Policy;
using KernelPolicy.Tests.Estimators;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Objectives;

/// <summary>Objectives by strata: against the closed form where nothing is drawn, and by their means and stated errors where the
/// tail is.</summary>
public sealed class StrataObjectiveTests
{
    private const int P = 203;
    private const int Steps = 3000;

    /// <summary>The tolerance is that of the covariance with rewards r − λδ, plus V times that of E_π β: 16 γ_{P+16}, with room for
    /// the scores' own errors at spread 0.6, of Σ π (|ρ| + |ρ̄| + |V|) |β| ≤ size · max|β|.</summary>
    [Test]
    public void Summed_whole_it_is_the_closed_form(
        [Values] ObjectiveKind kind, [Values] PullTo to, [Values] RewardKind reward, [Values] bool control)
    {
        if (kind == ObjectiveKind.LogLikelihood && reward == RewardKind.Dense)
            return;
        using var problem = EstimatorCase.Normal(P, 7, 5, spread: 0.6);
        using ObjectiveCase c = new(problem, kind, to);
        using IGradientEstimator estimator = c.Estimator(new StrataOptions(20, P, Control: control), problem.Rewards(reward));
        int[] contexts = [4, 1, 3];
        float[][] g = c.Estimate(estimator, contexts, 2);
        for (int position = 0; position < contexts.Length; position++)
        {
            int i = contexts[position];
            double[] r = problem.RewardsOf(reward, i);
            double[] pull = c.Wide.Pull(problem.Queries[i], c.ReferenceOf(i), problem.Beta);
            double size = r.Max(Math.Abs) + pull.Max(Math.Abs) + (kind == ObjectiveKind.LogLikelihood ? 2 * r.Sum() : 0);
            double[] allowed = [.. Enumerable.Range(0, 7).Select(
                l => 16 * Close.Gamma(P + 16) * size * Enumerable.Range(0, P).Max(a => Math.Abs(problem.Beta[a, l])))];
            Close.Within(g[position], c.Wide.G(problem.Queries[i], c.ReferenceOf(i), r, problem.Beta), allowed, $"g of context {i}");
        }
    }

    [Test]
    public void Its_errors_are_those_it_states(
        [Values] ObjectiveKind kind, [Values(PullTo.Nothing, PullTo.Reference)] PullTo to, [Values] bool control)
    {
        using var problem = EstimatorCase.Normal(P, 7, 2, spread: 0.6);
        using ObjectiveCase c = new(problem, kind, to);
        using IGradientEstimator estimator = c.Estimator(
            new StrataOptions(20, 128, TailSharing.Context, control), problem.Rewards(RewardKind.Sparse));
        double[] exact = c.Wide.G(
            problem.Queries[0], c.ReferenceOf(0), problem.RewardsOf(RewardKind.Sparse, 0), problem.Beta);
        double[] errors = new double[Steps];
        double stated = 0;
        for (int step = 0; step < Steps; step++)
        {
            float[] g = c.Estimate(estimator, [0], step)[0];
            errors[step] = g.Zip(exact, (a, b) => (a - b) * (a - b)).Sum();
            stated += estimator.Statistics.Strata.GradientVariance / Steps;
        }

        double mean = errors.Average();
        double error = Math.Sqrt(errors.Sum(e => (e - mean) * (e - mean)) / (Steps - 1.0) / Steps);

        // The allowance is for orders beyond the first in 1/l, as in StrataStatisticsTests.
        Statistic.AssertMean(stated, error, mean, 12.0 / 128 * mean, "variance of g");
    }
}
