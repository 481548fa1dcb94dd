using KernelPolicy.Kernels;
using KernelPolicy.Kernels.Ilgpu;
using KernelPolicy.Policy;
using KernelPolicy.Tests.Estimators;
using KernelPolicy.Tests.Reference;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Devices;

/// <summary>
/// Every estimator on every path against the same references in double precision, for the same draws: those are worked
/// out from the generator here (<see cref="DrawRules"/>). Bounds are those of <see cref="ErrorBound"/>, for sums in parts.
/// </summary>
[TestFixtureSource(typeof(DevicePaths), nameof(DevicePaths.All))]
public sealed class EstimatorTests(DevicePath path) : DeviceFixture(path)
{
    // Both halves of the seed and of the step count.
    private const ulong Seed = 0x0123456789ABCDEF;
    private const long Step = (5L << 32) + 77;
    private const int Contexts = 40;

    [Test]
    public void Exact([Values] RewardKind reward, [Values(1, 3, 17, 64, 100, 1000, 1025)] int dimension, [Values(1, 5, 33)] int batch)
    {
        NotEmulated(dimension > 64 || batch > 5);
        using EstimatorCase problem = Case(dimension);
        AssertExact(problem, reward, Some(batch));
    }

    [Test]
    public void Exact_over_catalogues_of_every_remainder([Values] RewardKind reward, [Values(1, 2, 3, 95, 97, 127, 129, 257, 5003)] int items)
    {
        NotEmulated(items > 129);
        using EstimatorCase problem = EstimatorCase.Normal(items, 5, Contexts);
        AssertExact(problem, reward, Some(2));
    }

    [Test]
    public void Uniform([Values] RewardKind reward, [Values(1, 17, 64, 1025)] int dimension, [Values(2, 64, 129, 1000)] int samples, [Values(1, 17)] int batch)
    {
        NotEmulated(dimension > 64 || samples > 129 || (batch > 1 && samples > 64));
        using EstimatorCase problem = Case(dimension);
        AssertUniform(problem, reward, samples, Some(batch));
    }

    [Test]
    public void Reinforce([Values] bool baseline, [Values(1, 7, 33, 100)] int dimension, [Values(2, 65, 300)] int samples)
    {
        NotEmulated(dimension > 33 || samples > 65);
        using EstimatorCase problem = Case(dimension);
        AssertReinforce(problem, new ReinforceOptions(samples, baseline), Some(IsEmulated ? 3 : 35));
    }

    [Test]
    public void Mixture(
        [Values] MixtureSampler sampler, [Values(0, 0.2, 1)] double epsilon, [Values(1, 16, 50, 900)] int topK, [Values(2, 150)] int samples)
    {
        NotEmulated((topK > 16 && samples > 2) || topK > 50);
        using EstimatorCase problem = Case(7);
        AssertMixture(problem, new MixtureOptions(samples, topK, epsilon, sampler), RewardKind.Dense, Some(IsEmulated ? 2 : 6));
    }

    [Test]
    public void Mixture_of_ragged_rows([Values] RewardKind reward, [Values] MixtureSampler sampler, [Values(1, 33, 1000)] int dimension, [Values] bool asksHost)
    {
        NotEmulated(dimension > 33);
        if (asksHost && Path == DevicePath.Simd)
            Assert.Ignore("The SIMD kernels have no other index than the host's.");
        using EstimatorCase problem = Case(dimension);
        AssertMixture(
            problem, new MixtureOptions(IsEmulated ? 60 : 257, IsEmulated ? 10 : 60, 0.4, sampler), reward, Some(IsEmulated ? 2 : 17), asksHost: asksHost);
    }

    /// <summary>Scores are exact, so that the bound stays at rounding although they run to ±1000, or to ±80, beyond and
    /// before which every weight but the greatest vanishes.</summary>
    [Test]
    public void Extreme_scores([Values(150, 2200)] int largest, [Values] RewardKind reward)
    {
        using EstimatorCase problem = EstimatorCase.Representable(IsEmulated ? 60 : 300, 7, Contexts, largest);
        Assert.That(problem.Scores.Max(f => f.Max()), Is.GreaterThan(largest * 0.4));
        int[] contexts = Some(IsEmulated ? 2 : 17);
        AssertExact(problem, reward, contexts, scoresAreExact: true);
        AssertUniform(problem, reward, 64, contexts, scoresAreExact: true);
        AssertMixture(problem, new MixtureOptions(64, 12, 0.5), reward, contexts, scoresAreExact: true);
        AssertMixture(problem, new MixtureOptions(64, 12, 0, MixtureSampler.Iid), reward, contexts, scoresAreExact: true);
        AssertReinforce(problem, new ReinforceOptions(64), contexts, scoresAreExact: true);
    }

    /// <summary>β is rounded to half precision before, so that the device's rounding of it is none.</summary>
    [Test]
    public void Items_in_half_precision([Values] RewardKind reward, [Values(17, 64)] int dimension)
    {
        if (Path == DevicePath.Simd)
            Assert.Ignore("The SIMD kernels keep items in single precision.");
        using EstimatorCase whole = Case(dimension), problem = EstimatorCase.Halved(whole);
        int[] contexts = Some(2);
        AssertExact(problem, reward, contexts, precision: ItemPrecision.Half);
        AssertUniform(problem, reward, 64, contexts, precision: ItemPrecision.Half);
        AssertMixture(problem, new MixtureOptions(64, 10, 0.2), reward, contexts, precision: ItemPrecision.Half);
        AssertReinforce(problem, new ReinforceOptions(32, Baseline: true), contexts, precision: ItemPrecision.Half);
    }

    [Test]
    public void No_reward_gives_exactly_zero([ValueSource(typeof(EstimatorKinds), nameof(EstimatorKinds.OnDevices))] EstimatorOptions options)
    {
        using EstimatorCase problem = Case(7);
        SessionReward none = new(SparseRows.FromLists([.. Enumerable.Repeat(Array.Empty<int>(), Contexts)]));
        Estimation result = Estimation.Run(Device, problem, options, none, Name(Some(3)));
        Assert.That(result.Gradients.SelectMany(g => g), Is.All.Zero);
        Assert.That(result.Statistics.MeanReward, Is.Zero);
    }

    [Test]
    public void The_same_batch_gives_the_same_bits([ValueSource(typeof(EstimatorKinds), nameof(EstimatorKinds.OnDevices))] EstimatorOptions options)
    {
        using EstimatorCase problem = Case(7);
        BatchName batch = Name(Some(IsEmulated ? 2 : 17));
        IRewardSource rewards = problem.Rewards(RewardKind.Sparse);
        Estimation one = Estimation.Run(Device, problem, options, rewards, batch), other = Estimation.Run(Device, problem, options, rewards, batch);
        Assert.That(other.Gradients, Is.EqualTo(one.Gradients));
        Assert.That(other.Statistics with { QuerySeconds = 0 }, Is.EqualTo(one.Statistics with { QuerySeconds = 0 }));
    }

    private static int[] Some(int count) => [.. Enumerable.Range(0, count).Select(i => (18 + (i * 7)) % Contexts)];

    private static BatchName Name(int[] contexts) => new(contexts, Step, Seed);

    private EstimatorCase Case(int dimension) => EstimatorCase.Normal(IsEmulated ? 61 : dimension > 64 ? 203 : 389, dimension, Contexts);

    private void AssertExact(
        EstimatorCase problem, RewardKind reward, int[] contexts, bool scoresAreExact = false, ItemPrecision precision = ItemPrecision.Single)
    {
        Estimation result = Estimation.Run(Device, problem, new ExactOptions(), problem.Rewards(reward), Name(contexts), precision);
        int[] all = [.. Enumerable.Range(0, problem.Catalogue)];
        WeightFigures figures = new();
        for (int position = 0; position < contexts.Length; position++)
        {
            int c = contexts[position];
            double[] r = problem.RewardsOf(reward, c), pi = Softmax.Weights(problem.Scores[c]);
            double rho = ErrorBound.InParts(problem, c, problem.Catalogue, 0, scoresAreExact);
            Close.Within(
                result.Gradients[position], Estimates.Exact(problem.Scores[c], r, problem.Beta),
                ErrorBound.Covariance(all, pi, r, problem.Beta, rho), $"exact g of context {c}");
            figures.Add(pi, r, rho);
        }

        figures.AssertRewardAgrees(result.Statistics);
    }

    private void AssertUniform(
        EstimatorCase problem, RewardKind reward, int samples, int[] contexts, bool scoresAreExact = false, ItemPrecision precision = ItemPrecision.Single)
    {
        Estimation result = Estimation.Run(Device, problem, new UniformOptions(samples), problem.Rewards(reward), Name(contexts), precision);
        WeightFigures figures = new();
        for (int position = 0; position < contexts.Length; position++)
        {
            int c = contexts[position];
            int[] draws = DrawRules.Uniform(Seed, Step, c, problem.Catalogue, samples);
            double[] r = problem.RewardsOf(reward, c), f = problem.Scores[c], w = Estimates.UniformWeights(f, draws);
            double[] drawn = [.. draws.Select(a => r[a])];
            double rho = ErrorBound.InParts(problem, c, samples, 0, scoresAreExact);
            Close.Within(
                result.Gradients[position], Estimates.Uniform(f, r, problem.Beta, draws),
                ErrorBound.Covariance(draws, w, drawn, problem.Beta, rho), $"uniform g of context {c}");
            figures.Add(w, drawn, rho);
        }

        figures.AssertAgrees(result.Statistics);
    }

    private void AssertMixture(
        EstimatorCase problem, MixtureOptions options, RewardKind reward, int[] contexts, bool scoresAreExact = false,
        ItemPrecision precision = ItemPrecision.Single, bool asksHost = false)
    {
        Estimation result = Estimation.Run(Device, problem, options, problem.Rewards(reward), Name(contexts), precision, asksHost);
        WeightFigures figures = new();
        for (int position = 0; position < contexts.Length; position++)
        {
            int c = contexts[position];
            (int[] head, float[] headScores) = result.Heads[position];
            Assert.That(head, Has.Length.EqualTo(Math.Min(options.TopK, problem.Catalogue)));
            int[] draws = DrawRules.Mixture(
                Seed, Step, c, problem.Catalogue, options.Samples, options.Epsilon, options.Sampler,
                head, Softmax.Weights(Seeded.Wide(headScores)));
            double[] r = problem.RewardsOf(reward, c), f = problem.Scores[c];
            double[] w = Estimates.MixtureWeights(f, head, options.Epsilon, draws), drawn = [.. draws.Select(a => r[a])];

            // Devices leave out the constant ln(ε/P), and so round numbers that may be larger by it.
            double constant = options.Epsilon > 0 ? Math.Abs(Math.Log(options.Epsilon / problem.Catalogue)) : 0;
            double largestLog = constant + draws.Max(a => Math.Abs(Math.Log(Estimates.MixtureDensity(f, head, options.Epsilon, a))));
            double rho = ErrorBound.InParts(problem, c, options.Samples, largestLog, scoresAreExact);
            Close.Within(
                result.Gradients[position], Estimates.Mixture(f, r, problem.Beta, head, options.Epsilon, draws),
                ErrorBound.Covariance(draws, w, drawn, problem.Beta, rho), $"g of context {c} by {options}");
            figures.Add(w, drawn, rho);
        }

        figures.AssertAgrees(result.Statistics);
    }

    /// <summary>What was drawn is seen by the reward that is asked for; a session's rewards see the same draws.</summary>
    private void AssertReinforce(
        EstimatorCase problem, ReinforceOptions options, int[] contexts, bool scoresAreExact = false, ItemPrecision precision = ItemPrecision.Single)
    {
        List<int>[] seen = [.. Enumerable.Range(0, Contexts).Select(_ => new List<int>())];
        RewardFunction recording = new(Contexts, (context, item) =>
        {
            seen[context].Add(item);
            return problem.Dense[context][item];
        });
        Estimation dense = Estimation.Run(Device, problem, options, recording, Name(contexts), precision);
        Estimation sparse = Estimation.Run(Device, problem, options, problem.Rewards(RewardKind.Sparse), Name(contexts), precision);
        int settled = 0;
        foreach ((RewardKind reward, Estimation result) in new[] { (RewardKind.Dense, dense), (RewardKind.Sparse, sparse) })
        {
            WeightFigures figures = new();
            for (int position = 0; position < contexts.Length; position++)
            {
                int c = contexts[position];
                double[] r = problem.RewardsOf(reward, c), f = problem.Scores[c], pi = Softmax.Weights(f);
                double rho = ErrorBound.InParts(problem, c, problem.Catalogue, 0, scoresAreExact);
                int[] draws = [.. seen[c]];
                Assert.That(draws, Has.Length.EqualTo(options.Samples));
                for (int s = 0; s < draws.Length; s++)
                {
                    // A cumulative sum is off by a share ρ at most: a draw farther than that from its steps is settled.
                    (int item, double margin) = DrawRules.FromPolicy(Seed, Step, c, s, pi);
                    if (margin <= rho)
                        continue;
                    settled++;
                    Assert.That(draws[s], Is.EqualTo(item), $"draw {s} of context {c}, {margin:G3} from a step");
                }

                Close.Within(
                    result.Gradients[position], Estimates.Reinforce(f, r, problem.Beta, draws, options.Baseline),
                    ErrorBound.Reinforce(pi, r, draws, problem.Beta, options.Baseline, rho), $"g of context {c}, {reward}, {options}");
                figures.Add([.. draws.Select(_ => 1.0 / draws.Length)], [.. draws.Select(a => r[a])], Close.Gamma(draws.Length + 8));
            }

            figures.AssertRewardAgrees(result.Statistics);
        }

        Assert.That(settled, Is.GreaterThan(0.9 * 2 * options.Samples * contexts.Length), "draws that could be compared");
    }

    /// <summary>What a batch should say of itself: means over its contexts.</summary>
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
                Assert.That(statistics.EffectiveSampleSize, Is.EqualTo(_sizes.Average()).Within(5 * _rho * _sizes.Average()), "sample size");
                Assert.That(statistics.LargestWeight, Is.EqualTo(_largest.Average()).Within(2 * _rho * _largest.Average()), "largest weight");
                AssertReward(statistics);
            }
        }

        /// <summary>For methods without importance weights.</summary>
        public void AssertRewardAgrees(BatchStatistics statistics)
        {
            using (Assert.EnterMultipleScope())
            {
                Assert.That(statistics.EffectiveSampleSize, Is.NaN);
                Assert.That(statistics.LargestWeight, Is.NaN);
                AssertReward(statistics);
            }
        }

        private void AssertReward(BatchStatistics statistics) => Assert.That(
            statistics.MeanReward, Is.EqualTo(_rewards.Average()).Within((2 * _rho * _rewardSizes.Average()) + 1e-30), "mean reward");
    }
}
