using KernelPolicy.Kernels;
using KernelPolicy.Policy;
using KernelPolicy.Tests.Reference;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Estimators;

/// <summary>Each estimator, draw for draw, against the reference that makes the same draws by itself.</summary>
/// <remarks>
/// Tolerance. Scores are off by δ, hence unnormalised weights by the share 2δ + u·range + 9u·(1 + P/96) + γ_n over n terms
/// (see SoftmaxPassTests), normalised ones by twice that, r̄ by as much of Σw|r|, and the sum of n rows by γ_n more:
/// together 4 times the share, of Σ w (|r| + Σw|r|) |β|. A draw by inverse transform may fall on the other side of an
/// edge where the random number lies within the share of it; the seed is one for which none does.
/// </remarks>
[NonParallelizable]
public class ReplayTests
{
    private const int Samples = 150;

    [Test]
    public void Exact([Values] bool sparse, [Values(1, 33)] int dimension) => Replay(
        new ExactOptions(), sparse, dimension,
        (c, b) => (null, c.Policy[b], Estimates.Exact(c.Scores[b], c.Reward[b], c.Beta), Linear.Dot(c.Policy[b], c.Reward[b])));

    [Test]
    public void Reinforce([Values] bool baseline, [Values] bool sparse) => Replay(
        new ReinforceOptions(Samples, baseline), sparse, dimension: 21, (c, b) =>
        {
            int[] draws = new Draws(EstimatorProblem.Seed, 0, c.Contexts[b]).FromPolicy(Samples, c.Policy[b]);
            double[] weights = [.. Enumerable.Repeat(1.0 / Samples, Samples)];
            return (draws, weights, Estimates.Reinforce(c.Scores[b], c.Reward[b], c.Beta, draws, baseline),
                draws.Average(a => c.Reward[b][a]));
        });

    [Test]
    public void Uniform([Values] bool sparse, [Values(1, 21)] int dimension) => Replay(
        new UniformOptions(Samples), sparse, dimension, (c, b) =>
        {
            int[] draws = new Draws(EstimatorProblem.Seed, 0, c.Contexts[b]).Uniform(Samples, c.Catalogue);
            double[] weights = Estimates.UniformWeights(c.Scores[b], draws);
            return (draws, weights, Estimates.Uniform(c.Scores[b], c.Reward[b], c.Beta, draws), MeanReward(c, b, draws, weights));
        });

    [Test]
    public void Mixture(
        [Values] MixtureSampler sampler, [Values(0, 0.3, 0.8, 1)] double epsilon, [Values(1, 10, 1000)] int k) => Replay(
        new MixtureOptions(Samples, k, epsilon, sampler), sparse: k == 10, dimension: 21, (c, b) =>
        {
            int[] top = TopItems.Of(c.Scores[b], k);
            int[] draws = new Draws(EstimatorProblem.Seed, 0, c.Contexts[b]).Mixture(
                Samples, c.Scores[b], top, epsilon, sampler == MixtureSampler.Stratified);
            double[] weights = Estimates.MixtureWeights(c.Scores[b], top, epsilon, draws);
            return (draws, weights, Estimates.Mixture(c.Scores[b], c.Reward[b], c.Beta, top, epsilon, draws),
                MeanReward(c, b, draws, weights));
        });

    private static double MeanReward(EstimatorProblem c, int b, int[] draws, double[] weights) =>
        draws.Zip(weights, (a, w) => w * c.Reward[b][a]).Sum();

    private static void Replay(
        EstimatorOptions options, bool sparse, int dimension,
        Func<EstimatorProblem, int, (int[]? Draws, double[] Weights, double[] Gradient, double MeanReward)> reference)
    {
        using EstimatorProblem c = new(catalogue: 230, dimension, batch: 5, sharpness: 1.5, sparse, threads: 2);
        var expected = Enumerable.Range(0, c.Batch).Select(b => reference(c, b)).ToArray();
        Widths.Each(width =>
        {
            using IGradientEstimator estimator = c.Create(options);
            using EstimatorBatch batch = c.MakeBatch();
            using Matrix g = Seeded.Matrix(9, c.Batch, c.Dimension);
            estimator.Estimate(batch, g);
            for (int b = 0; b < c.Batch; b++)
            {
                (int[]? draws, double[] weights, double[] gradient, _) = expected[b];
                draws ??= [.. Enumerable.Range(0, c.Catalogue)];
                Close.Within(g.Row(b), gradient, Allowed(c, b, draws, weights), $"{options}, width {width}, context {b}");
                Assert.That(g.PaddedRow(b)[c.Dimension..].IndexOfAnyExcept(0f), Is.EqualTo(-1), "padding");
            }

            CheckStatistics(c, estimator, expected.Select(e => e.Weights).ToArray(), expected.Average(e => e.MeanReward));
        });
    }

    private static double Share(EstimatorProblem c, int b, int n)
    {
        double range = c.Scores[b].Max() - c.Scores[b].Min();
        return (2 * c.ScoreError(b)) + (Close.SingleUnit * (range + 9 + (9 * c.Catalogue / 96.0))) + Close.Gamma(n);
    }

    private static double[] Allowed(EstimatorProblem c, int b, int[] draws, double[] weights)
    {
        double share = 4 * Share(c, b, Math.Max(draws.Length, c.Catalogue));
        double reward = draws.Zip(weights, (a, w) => w * Math.Abs(c.Reward[b][a])).Sum();
        double[] coefficients = [.. draws.Zip(weights, (a, w) => share * w * (Math.Abs(c.Reward[b][a]) + reward))];
        double[] allowed = new double[c.Dimension];
        for (int j = 0; j < draws.Length; j++)
        {
            for (int l = 0; l < allowed.Length; l++)
                allowed[l] += coefficients[j] * Math.Abs(c.Beta[draws[j], l]);
        }

        // REINFORCE subtracts c·E_π β, whose error is a share of E_π|β|.
        for (int a = 0; a < c.Catalogue; a++)
        {
            for (int l = 0; l < allowed.Length; l++)
                allowed[l] += share * 2 * reward * c.Policy[b][a] * Math.Abs(c.Beta[a, l]);
        }

        return allowed;
    }

    private static void CheckStatistics(EstimatorProblem c, IGradientEstimator estimator, double[][] weights, double meanReward)
    {
        BatchStatistics statistics = estimator.Statistics;
        double share = 4 * Enumerable.Range(0, c.Batch).Max(b => Share(c, b, c.Catalogue));
        Assert.That(statistics.MeanReward, Is.EqualTo(meanReward).Within(2 * share));
        if (estimator.Name is "uniform" or "mixture")
        {
            double size = weights.Average(w => 1 / w.Sum(v => v * v));
            Assert.That(statistics.EffectiveSampleSize, Is.EqualTo(size).Within(share * size));
            Assert.That(statistics.LargestWeight, Is.EqualTo(weights.Average(w => w.Max())).Within(share));
        }
        else
        {
            Assert.That(statistics.EffectiveSampleSize, Is.NaN);
        }
    }
}
