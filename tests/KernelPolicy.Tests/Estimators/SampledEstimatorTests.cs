using KernelPolicy.Kernels;
using KernelPolicy.Policy;
using KernelPolicy.Tests.Reference;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Estimators;

/// <summary>
/// The estimators that sample, against the references in double precision for the same draws: these are worked out from
/// the generator here (<see cref="DrawRules"/>) and summed one by one. Bounds are those of <see cref="ErrorBound"/>.
/// </summary>
[TestFixture(512)]
[TestFixture(256)]
[TestFixture(128)]
public sealed class SampledEstimatorTests(int width) : VectorWidthFixture(width)
{
    // Both halves of the seed and of the step count.
    private const ulong Seed = 0x0123456789ABCDEF;
    private const long Step = (5L << 32) + 77;
    private const int Contexts = 19;

    private static readonly int[] Batch = [18, 2, 7, 0, 11, 3, 16, 5, 9, 1, 13, 4, 17, 6, 10, 15, 8];

    [Test]
    public void Uniform(
        [Values] RewardKind reward, [Values(7, 33)] int dimension, [Values(2, 3, 64, 257)] int samples, [Values(1, 17)] int batch)
    {
        using var problem = Case(dimension);
        using IGradientEstimator estimator = problem.Estimator(new UniformOptions(samples), problem.Rewards(reward), Seed);
        int[] contexts = Batch[..batch];
        float[][] g = problem.Estimate(estimator, contexts, Step);
        WeightFigures figures = new();
        for (int position = 0; position < batch; position++)
        {
            int c = contexts[position];
            int[] draws = DrawRules.Uniform(Seed, Step, c, problem.Catalogue, samples);
            double[] r = problem.RewardsOf(reward, c), f = problem.Scores[c];
            double[] w = Estimates.UniformWeights(f, draws);
            double rho = Rho(problem, c, samples, 0);
            Close.Within(
                g[position], Estimates.Uniform(f, r, problem.Beta, draws),
                ErrorBound.Covariance(draws, w, [.. draws.Select(a => r[a])], problem.Beta, rho), $"g of context {c}");
            figures.Add(w, [.. draws.Select(a => r[a])], rho);
        }

        figures.AssertAgrees(estimator.Statistics);
    }

    [Test]
    public void Mixture(
        [Values] MixtureSampler sampler, [Values(0, 0.3, 0.8, 1)] double epsilon,
        [Values(1, 16, 150, 203, 900)] int topK, [Values(2, 101)] int samples)
    {
        using var problem = Case(7);
        AssertMixture(problem, new MixtureOptions(samples, topK, epsilon, sampler), RewardKind.Dense, Batch[..6]);
    }

    [Test]
    public void Mixture_of_ragged_rows([Values] RewardKind reward, [Values] MixtureSampler sampler)
    {
        using var problem = Case(33);
        AssertMixture(problem, new MixtureOptions(257, 60, 0.4, sampler), reward, Batch);
    }

    [Test]
    public void Mixture_of_scores_of_a_thousand([Values] MixtureSampler sampler, [Values(0, 0.5)] double epsilon)
    {
        using var problem = EstimatorCase.Representable(300, 7, Contexts, largest: 2200);
        AssertMixture(problem, new MixtureOptions(128, 40, epsilon, sampler), RewardKind.Dense, Batch, scoresAreExact: true);
    }

    /// <summary>What REINFORCE drew is seen by the reward that it asks for.</summary>
    [Test]
    public void Reinforce([Values] bool baseline, [Values(7, 33)] int dimension, [Values(2, 65, 256)] int samples)
    {
        using var problem = Case(dimension);
        var drawn = new List<int>[Contexts];
        for (int c = 0; c < Contexts; c++)
            drawn[c] = [];
        RewardFunction recording = new(Contexts, (context, item) =>
        {
            drawn[context].Add(item);
            return problem.Dense[context][item];
        });
        using IGradientEstimator estimator = problem.Estimator(new ReinforceOptions(samples, baseline), recording, Seed);
        float[][] g = problem.Estimate(estimator, Batch, Step);
        int settled = 0;
        double meanReward = 0, meanSize = 0;
        for (int position = 0; position < Batch.Length; position++)
        {
            int c = Batch[position];
            double[] r = problem.RewardsOf(RewardKind.Dense, c), f = problem.Scores[c], pi = Softmax.Weights(f);
            double rho = Rho(problem, c, problem.Catalogue, 0);
            int[] draws = [.. drawn[c]];
            Assert.That(draws, Has.Length.EqualTo(samples));
            for (int s = 0; s < samples; s++)
            {
                // A cumulative sum is off by a share ρ at most: a draw farther than that from its steps is settled.
                (int item, double margin) = DrawRules.FromPolicy(Seed, Step, c, s, pi);
                if (margin <= rho)
                    continue;
                settled++;
                Assert.That(draws[s], Is.EqualTo(item), $"draw {s} of context {c}, {margin:G3} from a step");
            }

            Close.Within(
                g[position], Estimates.Reinforce(f, r, problem.Beta, draws, baseline),
                ErrorBound.Reinforce(pi, r, draws, problem.Beta, baseline, rho), $"g of context {c}");
            meanReward += draws.Average(a => r[a]) / Batch.Length;
            meanSize += draws.Average(a => Math.Abs(r[a])) / Batch.Length;
        }

        using (Assert.EnterMultipleScope())
        {
            Assert.That(settled, Is.GreaterThan(0.9 * samples * Batch.Length), "draws that could be compared");
            Assert.That(estimator.Statistics.MeanReward, Is.EqualTo(meanReward).Within(Close.Gamma(samples + 8) * meanSize));
            Assert.That(estimator.Statistics.EffectiveSampleSize, Is.NaN);
        }
    }

    [Test]
    public void A_session_and_a_function_of_the_same_rewards_agree(
        [ValueSource(typeof(EstimatorKinds), nameof(EstimatorKinds.Sampling))] EstimatorOptions options)
    {
        using var problem = Case(7);
        RewardFunction function = new(
            Contexts, (context, item) => Array.BinarySearch(problem.Sessions[context], item) >= 0 ? 1 : 0);
        using IGradientEstimator sparse = problem.Estimator(options, problem.Rewards(RewardKind.Sparse));
        using IGradientEstimator dense = problem.Estimator(options, function);
        Assert.That(problem.Estimate(sparse, Batch, Step), Is.EqualTo(problem.Estimate(dense, Batch, Step)));
    }

    [Test]
    public void Reinforce_of_scores_of_a_thousand([Values] bool baseline)
    {
        using var problem = EstimatorCase.Representable(300, 7, Contexts, largest: 2200);
        using IGradientEstimator estimator = problem.Estimator(
            new ReinforceOptions(64, baseline), problem.Rewards(RewardKind.Dense), Seed);
        float[][] g = problem.Estimate(estimator, Batch, Step);
        for (int position = 0; position < Batch.Length; position++)
        {
            int c = Batch[position];
            double[] r = problem.RewardsOf(RewardKind.Dense, c), pi = Softmax.Weights(problem.Scores[c]);
            double rho = ErrorBound.Relative(0, problem.Catalogue, 0);
            (int Item, double Margin)[] draws = [.. Enumerable.Range(0, 64).Select(s => DrawRules.FromPolicy(Seed, Step, c, s, pi))];
            Assert.That(draws.Min(d => d.Margin), Is.GreaterThan(rho), "the seed should leave every draw settled");
            int[] items = [.. draws.Select(d => d.Item)];
            Close.Within(
                g[position], Estimates.Reinforce(problem.Scores[c], r, problem.Beta, items, baseline),
                ErrorBound.Reinforce(pi, r, items, problem.Beta, baseline, rho), $"g of context {c}");
        }
    }

    private static EstimatorCase Case(int dimension) => EstimatorCase.Normal(dimension == 7 ? 203 : 389, dimension, Contexts);

    /// <summary>ρ, with room for a density that is made of scores too: ln κ is off by 2e, ln ω then by 3e.</summary>
    private static double Rho(EstimatorCase problem, int context, int terms, double largestLogDensity, bool scoresAreExact = false) =>
        ErrorBound.Relative(
            scoresAreExact ? 0 : 3 * ErrorBound.Score(problem.Queries[context], problem.Beta, []),
            terms,
            problem.Scores[context].Max(Math.Abs) + largestLogDensity);

    private static void AssertMixture(
        EstimatorCase problem, MixtureOptions options, RewardKind reward, int[] contexts, bool scoresAreExact = false)
    {
        using IGradientEstimator estimator = problem.Estimator(options, problem.Rewards(reward), Seed);
        float[][] g = problem.Estimate(estimator, contexts, Step);
        WeightFigures figures = new();
        for (int position = 0; position < contexts.Length; position++)
        {
            int c = contexts[position];
            (int[] head, float[] headScores) = problem.Head(c, Math.Min(options.TopK, problem.Catalogue));
            int[] draws = DrawRules.Mixture(
                Seed, Step, c, problem.Catalogue, options.Samples, options.Epsilon, options.Sampler,
                head, Softmax.Weights(Seeded.Wide(headScores)));
            double[] r = problem.RewardsOf(reward, c), f = problem.Scores[c];
            double[] w = Estimates.MixtureWeights(f, head, options.Epsilon, draws);
            double largestLog = draws.Max(a => Math.Abs(Math.Log(Estimates.MixtureDensity(f, head, options.Epsilon, a))));

            double rho = Rho(problem, c, options.Samples, largestLog, scoresAreExact);
            double[] drawnRewards = [.. draws.Select(a => r[a])];
            Close.Within(
                g[position], Estimates.Mixture(f, r, problem.Beta, head, options.Epsilon, draws),
                ErrorBound.Covariance(draws, w, drawnRewards, problem.Beta, rho), $"g of context {c}");
            figures.Add(w, drawnRewards, rho);
        }

        figures.AssertAgrees(estimator.Statistics);
    }

    /// <summary>What a batch should say of its weights: means over its contexts.</summary>
    private sealed class WeightFigures
    {
        private readonly List<double> _sizes = [], _largest = [], _rewards = [], _rewardSizes = [];
        private double _rho;

        public void Add(double[] weights, double[] rewards, double rho)
        {
            _sizes.Add(1 / weights.Sum(w => w * w));
            _largest.Add(weights.Max());
            _rewards.Add(Linear.Dot(weights, rewards));
            _rewardSizes.Add(Linear.Dot(weights, [.. rewards.Select(Math.Abs)]));
            _rho = Math.Max(_rho, rho);
        }

        public void AssertAgrees(BatchStatistics statistics)
        {
            using (Assert.EnterMultipleScope())
            {
                // Weights are off by a share ρ; the sample size has them squared above and below the line: 5ρ with room for
                // second order.
                Assert.That(
                    statistics.EffectiveSampleSize, Is.EqualTo(_sizes.Average()).Within(5 * _rho * _sizes.Average()), "sample size");
                Assert.That(
                    statistics.LargestWeight, Is.EqualTo(_largest.Average()).Within(2 * _rho * _largest.Average()), "largest weight");
                Assert.That(
                    statistics.MeanReward, Is.EqualTo(_rewards.Average()).Within(2 * _rho * _rewardSizes.Average()), "mean reward");
            }
        }
    }
}
