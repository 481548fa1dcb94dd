using KernelPolicy.Kernels;
using KernelPolicy.Policy;
using KernelPolicy.Tests.Reference;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Estimators;

/// <summary>
/// Means and variances of the estimates over many steps, against sums over the catalogue. A mean may lie 4.5 standard
/// errors away (<see cref="Statistic.Z"/>), plus what <see cref="SamplingTheory"/> derives for the bias of a ratio.
/// </summary>
public sealed class EstimatorStatisticsTests
{
    private const int Steps = 6000;
    private const int P = 203;

    private static readonly int[] Contexts = [0, 1, 2];

    /// <summary>Flat enough that the next order of 1/S is small at S = 64, sharp enough that a weight left out shows.</summary>
    private static EstimatorCase Case() => EstimatorCase.Normal(P, 7, 3, spread: 0.6);

    private static IEnumerable<EstimatorOptions> Weighted(int samples) =>
    [
        new UniformOptions(samples),
        new MixtureOptions(samples, 16, 0.5, MixtureSampler.Iid),
        new MixtureOptions(samples, 16, 0.5, MixtureSampler.Stratified),
        new MixtureOptions(samples, 90, 0.25, MixtureSampler.Iid),
        new MixtureOptions(samples, 90, 0.25, MixtureSampler.Stratified),
        new MixtureOptions(samples, P, 0, MixtureSampler.Iid),
        new MixtureOptions(samples, 40, 1, MixtureSampler.Stratified),
    ];

    private static IEnumerable<EstimatorOptions> Everything => Weighted(64)
        .Concat(Weighted(256))
        .Concat([new ReinforceOptions(64), new ReinforceOptions(64, true), new ReinforceOptions(5), new ReinforceOptions(5, true)]);

    private static IEnumerable<Func<int, EstimatorOptions>> ByS =>
    [
        s => new ReinforceOptions(s),
        s => new ReinforceOptions(s, true),
        .. Enumerable.Range(0, 7).Select(i => (Func<int, EstimatorOptions>)(s => Weighted(s).ElementAt(i))),
    ];

    /// <summary>REINFORCE needs no allowance: it is unbiased, and the baseline, which each draw has a share in, scales its
    /// mean by exactly 1 − 1/S.</summary>
    [Test]
    public void Means_and_variances_are_the_predicted_ones(
        [ValueSource(nameof(Everything))] EstimatorOptions options, [Values] RewardKind reward)
    {
        using var problem = Case();
        Moments moments = Measure(problem, options, problem.Rewards(reward));
        foreach (int c in Contexts)
        {
            Prediction prediction = Predict(problem, options, problem.RewardsOf(reward, c), c);
            for (int l = 0; l < problem.Dimension; l++)
            {
                Statistic.AssertMean(
                    moments.Mean(c, l), moments.StandardError(c, l), prediction.Mean[l], prediction.Allowance[l],
                    $"g[{l}] of context {c}");
            }

            (double variance, double error) = moments.TotalVariance(c);
            double expected = prediction.Variance.Sum();
            Statistic.AssertMean(variance, error, expected, prediction.VarianceAllowance.Sum(), $"variance of context {c}");
        }
    }

    [Test]
    public void Variance_falls_as_one_over_S([Range(0, 8)] int which, [Values] RewardKind reward)
    {
        using var problem = Case();
        double[] variances = [.. new[] { 64, 256, 1024 }.Select(s =>
        {
            // A variance of n normal numbers has a relative standard error of √(2/n): 4 % at 1200 steps, and the slope
            // between ends that are ln 16 apart one of 2 %.
            Moments moments = Measure(problem, ByS.ElementAt(which)(s), problem.Rewards(reward), steps: 1200);
            return Contexts.Sum(c => moments.TotalVariance(c).Value);
        })];
        double slope = Math.Log(variances[2] / variances[0]) / Math.Log(16);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(slope, Is.EqualTo(-1).Within(0.2));
            Assert.That(variances, Is.Ordered.Descending);
        }
    }

    /// <summary>Rewards far from zero and alike: without the baseline their level is noise.</summary>
    [Test]
    public void The_baseline_removes_the_noise_of_the_rewards_level()
    {
        using var problem = Case();
        RewardFunction level = new(problem.Contexts, (context, item) => 5 + (0.2f * problem.Dense[context][item]));
        Moments without = Measure(problem, new ReinforceOptions(64), level);
        Moments with = Measure(problem, new ReinforceOptions(64, Baseline: true), level);
        foreach (int c in Contexts)
        {
            // Var is E[(r − b)² |β − E β|²] / S: (5 + …)² ≈ 26 against (0.2·1.06)² ≈ 0.05.
            Assert.That(with.TotalVariance(c).Value, Is.LessThan(0.01 * without.TotalVariance(c).Value), $"context {c}");
        }
    }

    [Test]
    public void Reinforce_draws_follow_the_policy([Values(0.9, 2.5)] double spread)
    {
        using var problem = EstimatorCase.Normal(P, 7, 3, spread);
        int[][] counts = [new int[P], new int[P], new int[P]];
        RewardFunction counting = new(3, (context, item) =>
        {
            counts[context][item]++;
            return 0;
        });
        const int Samples = 1000, Repeats = 100;
        Measure(problem, new ReinforceOptions(Samples), counting, Repeats);
        foreach (int c in Contexts)
        {
            double[] expected = [.. Softmax.Weights(problem.Scores[c]).Select(share => share * Samples * Repeats)];

            // χ² wants five or more expected in a bin: rarer items share one.
            int[] rare = [.. Enumerable.Range(0, P).Where(a => expected[a] < 5)];
            int[] common = [.. Enumerable.Range(0, P).Where(a => expected[a] >= 5)];
            List<int> observed = [.. common.Select(a => counts[c][a])];
            List<double> bins = [.. common.Select(a => expected[a])];
            if (rare.Sum(a => expected[a]) >= 5)
            {
                observed.Add(rare.Sum(a => counts[c][a]));
                bins.Add(rare.Sum(a => expected[a]));
            }

            Assert.That(counts[c].Sum(), Is.EqualTo(Samples * Repeats));
            Statistic.AssertChiSquare(observed.ToArray(), bins.ToArray(), $"draws of context {c}");
        }
    }

    private static Prediction Predict(EstimatorCase problem, EstimatorOptions options, double[] r, int context)
    {
        double[] pi = Softmax.Weights(problem.Scores[context]), even = [.. Enumerable.Repeat(1.0 / P, P)];
        switch (options)
        {
            case UniformOptions uniform:
                return Ratio(new SamplingTheory(r, problem.Beta, pi, even, [(1, even)], uniform.Samples));
            case MixtureOptions mixture:
                int[] head = problem.Head(context, mixture.TopK).Items;
                double[] q = [.. Enumerable.Range(0, P).Select(
                    a => Estimates.MixtureDensity(problem.Scores[context], head, mixture.Epsilon, a))];
                double[] kappa = [.. Enumerable.Range(0, P).Select(
                    a => Estimates.MixtureDensity(problem.Scores[context], head, 0, a))];
                return Ratio(new SamplingTheory(
                    r, problem.Beta, pi, q,
                    mixture.Sampler == MixtureSampler.Iid ? [(1, q)] : [(mixture.Epsilon, even), (1 - mixture.Epsilon, kappa)],
                    mixture.Samples));
            case ReinforceOptions reinforce:
                // With q = π all ω are 1 and δ is 0. Without the baseline the estimate is the mean of r b − g; with it, a
                // sample covariance with divisor S, of mean (1 − 1/S) g.
                SamplingTheory theory = new(r, problem.Beta, pi, pi, [(1, pi)], reinforce.Samples);
                double[] none = new double[problem.Dimension];
                return reinforce.Baseline
                    ? new Prediction(
                        [.. theory.Gradient.Select(g => (1 - (1.0 / reinforce.Samples)) * g)], none,
                        theory.Variance, theory.VarianceAllowance)
                    : new Prediction(
                        theory.Gradient, none, RewardTimesItem(problem, pi, r, theory.Gradient, reinforce.Samples), none);
            default:
                throw new NotSupportedException(options.ToString());
        }
    }

    private static Prediction Ratio(SamplingTheory theory) => new(
        [.. theory.Gradient.Zip(theory.Bias, (g, bias) => g + bias)], theory.Allowance, theory.Variance, theory.VarianceAllowance);

    /// <summary>Var (1/S) Σ r b = (E_π[r² b²] − g²)/S, b = β − E_π β: exact.</summary>
    private static double[] RewardTimesItem(EstimatorCase problem, double[] pi, double[] r, double[] g, int samples)
    {
        double[] mean = Linear.WeightedRows([.. Enumerable.Range(0, P)], pi, problem.Beta);
        return [.. Enumerable.Range(0, problem.Dimension).Select(l =>
            (Enumerable.Range(0, P).Sum(a => pi[a] * Math.Pow(r[a] * (problem.Beta[a, l] - mean[l]), 2)) - (g[l] * g[l])) / samples)];
    }

    private static Moments Measure(EstimatorCase problem, EstimatorOptions options, IRewardSource rewards, int steps = Steps)
    {
        using IGradientEstimator estimator = problem.Estimator(options, rewards, seed: 3);
        using EstimatorBatch batch = problem.Batch(Contexts, 0);
        using Matrix gradients = new(Contexts.Length, problem.Dimension);
        float[] g = new float[steps * Contexts.Length * problem.Dimension];
        for (int step = 0; step < steps; step++)
        {
            batch.Set(Contexts, step);
            estimator.Estimate(batch, gradients);
            for (int c = 0; c < Contexts.Length; c++)
                gradients.Row(c).CopyTo(g.AsSpan(((step * Contexts.Length) + c) * problem.Dimension));
        }

        return new Moments(g, steps, Contexts.Length, problem.Dimension);
    }

    private sealed record Prediction(double[] Mean, double[] Allowance, double[] Variance, double[] VarianceAllowance);

    /// <summary>Moments of g [steps, contexts, L].</summary>
    private sealed class Moments(float[] g, int steps, int contexts, int dimension)
    {
        public double Mean(int context, int l) => Enumerable.Range(0, steps).Average(step => At(step, context, l));

        public double StandardError(int context, int l)
        {
            double mean = Mean(context, l);
            double squares = Enumerable.Range(0, steps).Sum(step => Math.Pow(At(step, context, l) - mean, 2));
            return Math.Sqrt(squares / (steps - 1) / steps);
        }

        /// <summary>Σ_l Var g_l, with its standard error by the spread of the squared distances.</summary>
        public (double Value, double Error) TotalVariance(int context)
        {
            double[] means = [.. Enumerable.Range(0, dimension).Select(l => Mean(context, l))];
            double[] squares = [.. Enumerable.Range(0, steps).Select(
                step => Enumerable.Range(0, dimension).Sum(l => Math.Pow(At(step, context, l) - means[l], 2)))];
            double value = squares.Sum() / (steps - 1);
            return (value, Math.Sqrt(squares.Sum(s => Math.Pow(s - value, 2)) / (steps - 1) / steps));
        }

        private double At(int step, int context, int l) => g[(((step * contexts) + context) * dimension) + l];
    }
}
