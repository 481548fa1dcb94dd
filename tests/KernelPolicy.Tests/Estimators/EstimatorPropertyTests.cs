using CsCheck;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Estimators;

/// <summary>What holds of every estimate, whatever was drawn. Scores are exact in single precision
/// (<see cref="EstimatorCase.Representable"/>), so that no draw hangs on rounding.</summary>
public sealed class EstimatorPropertyTests
{
    private static readonly Gen<(EstimatorOptions Options, int Items, int Dimension, int Largest, int Seed)> Any = Gen.Select(
        Gen.Int[0, 4], Gen.Int[2, 70], Gen.Double[0, 1], Gen.Int[1, 80],
        Gen.Select(Gen.Int[1, 120], Gen.Int[1, 20], Gen.Int[0, 400], Gen.Int[0, 1_000_000])).Select(
            (kind, samples, epsilon, topK, shape) =>
            {
                EstimatorOptions options = kind switch
                {
                    0 => new ExactOptions(),
                    1 => new ReinforceOptions(samples, Baseline: true),
                    2 => new UniformOptions(samples),
                    3 => new MixtureOptions(samples, topK, epsilon, MixtureSampler.Iid),
                    _ => new MixtureOptions(samples, topK, epsilon, MixtureSampler.Stratified),
                };
                return (options, shape.Item1, shape.Item2, shape.Item3, shape.Item4);
            });

    /// <summary>
    /// A dimension that is 1 in every item raises all scores by the context's entry there. Log-weights are rounded once
    /// with the constant in them, by u(|f| + |c| + |ln q|), which <see cref="ErrorBound.Relative"/> takes twice over; the
    /// entry of g along the constant is Σ w (r − r̄) = 0.
    /// </summary>
    [Test]
    public void A_constant_added_to_all_scores_changes_nothing() =>
        Gen.Select(Any, Gen.Int[-500, 500]).Sample(
            (any, shift) =>
            {
                using var problem = EstimatorCase.Representable(any.Items, any.Dimension, 2, any.Largest, seed: any.Seed);
                using var shifted = EstimatorCase.Shifted(problem, shift);
                RewardFunction rewards = new(2, (context, item) => problem.Dense[context][item]);
                using IGradientEstimator one = problem.Estimator(any.Options, rewards), other = shifted.Estimator(any.Options, rewards);
                float[][] g = problem.Estimate(one, [1, 0], 5), moved = shifted.Estimate(other, [1, 0], 5);
                for (int position = 0; position < 2; position++)
                {
                    double[] f = shifted.Scores[1 - position];
                    double[] bound = Sizes(shifted, 3 * LargestError(any, f));
                    Close.Within(moved[position], [.. Seeded.Wide(g[position]), 0], bound, $"{any.Options} shifted by {shift}");
                }
            },
            iter: 300, threads: 1);

    [Test]
    public void A_constant_reward_has_no_gradient() =>
        Gen.Select(Any, Gen.Float[-100, 100]).Sample(
            (any, reward) =>
            {
                using var problem = EstimatorCase.Representable(any.Items, any.Dimension, 2, any.Largest, seed: any.Seed);
                using IGradientEstimator estimator = problem.Estimator(any.Options, new RewardFunction(2, (_, _) => reward));
                float[][] g = problem.Estimate(estimator, [0, 1], 5);

                // r − r̄ is r times the error of Σ w, a share γ; no score's error enters. 2^-120 stands for rounding among
                // denormals, where a share means nothing.
                double[] bound = [.. Sizes(problem, 4 * Close.Gamma(200)).Select(
                    size => (size * Math.Abs(reward)) + Math.Pow(2, -120))];
                for (int position = 0; position < 2; position++)
                    Close.Within(g[position], new double[any.Dimension], bound, $"{any.Options}, reward {reward}");
            },
            iter: 300, threads: 1);

    [Test]
    public void Statistics_lie_in_their_ranges() =>
        Any.Sample(
            any =>
            {
                using var problem = EstimatorCase.Representable(any.Items, any.Dimension, 1, any.Largest, seed: any.Seed);
                using IGradientEstimator estimator = problem.Estimator(any.Options, problem.Rewards(RewardKind.Dense));
                problem.Estimate(estimator, [0], 5);
                BatchStatistics statistics = estimator.Statistics;
                double[] r = problem.RewardsOf(RewardKind.Dense, 0);
                double slack = Close.Gamma(200) * 2;
                Assert.That(statistics.MeanReward, Is.InRange(r.Min() - slack, r.Max() + slack), "mean reward");
                if (any.Options is not (UniformOptions or MixtureOptions))
                    return;
                int samples = any.Options is UniformOptions uniform ? uniform.Samples : ((MixtureOptions)any.Options).Samples;
                Assert.That(statistics.EffectiveSampleSize, Is.InRange(1 - slack, samples * (1 + slack)), "sample size");
                Assert.That(statistics.LargestWeight, Is.InRange((1 - slack) / samples, 1 + slack), "largest weight");
            },
            iter: 300, threads: 1);

    /// <summary>Σ w̄ = 1 and c_j sum to zero, for items drawn any number of times.</summary>
    [Test]
    public void Weights_sum_to_one() =>
        Gen.Select(Gen.Float[-1000, 1000].Array[1, 300], Gen.Bool, Gen.Int[0, 1000]).Sample(
            (logs, counted, seed) =>
            {
                float[] counts = counted ? [.. Seeded.Items(seed, logs.Length, 9).Select(n => n + 1f)] : [];
                float[] weights = [.. logs], rewards = Seeded.Floats(seed, logs.Length);
                WeightStatistics statistics = ImportanceWeights.SelfNormalise(weights, counts);
                double draws = counted ? counts.Sum() : logs.Length;
                double gamma = Close.Gamma(logs.Length + 8);
                Assert.That(weights.Sum(w => (double)w), Is.EqualTo(1).Within(gamma));
                Assert.That(statistics.EffectiveSampleSize, Is.InRange(1 - (3 * gamma), draws * (1 + (3 * gamma))));
                float largest = rewards.Max(Math.Abs);
                ImportanceWeights.ToCovarianceCoefficients(weights, rewards);
                Assert.That(weights.Sum(c => (double)c), Is.Zero.Within(4 * gamma * largest));
            },
            iter: 300, threads: 1);

    private static double LargestError(
        (EstimatorOptions Options, int Items, int Dimension, int Largest, int Seed) any, double[] f) =>
        // A draw is named by 53 bits: nothing is drawn whose q is below 2^-53, and |ln q| ≤ 37.
        ErrorBound.Relative(0, Math.Max(any.Items, 70), f.Max(Math.Abs) + 37);

    /// <summary>T₁ + 3 T₂ with |r| ≤ 2 and weights that sum to 1 on whatever items: 2·4·max|β|.</summary>
    private static double[] Sizes(EstimatorCase problem, double rho) => [.. Enumerable.Range(0, problem.Dimension).Select(
        l => 8 * rho * Enumerable.Range(0, problem.Catalogue).Max(a => Math.Abs(problem.Beta[a, l])))];
}
