using KernelPolicy.Kernels;
using KernelPolicy.Policy;
using KernelPolicy.Tests.Reference;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Estimators;

/// <summary>The mixture that chooses ε for each context by a pilot.</summary>
public sealed class AdaptiveMixtureTests
{
    private const ulong Seed = 7;

    /// <summary>Scores are exact, so that only sums of at most 64 exponentials in double precision round: 64·2^-53 ≈ 1e-14 of each.</summary>
    [Test]
    public void Epsilon_is_that_of_the_formula([Values(1, 3)] int largest, [Values(1, 16, 150)] int topK)
    {
        using var problem = EstimatorCase.Representable(203, 7, 4, largest);
        MixtureOptions options = new(48, topK) { IsAdaptive = true };
        using IGradientEstimator estimator = problem.Estimator(options, problem.Rewards(RewardKind.Dense), Seed);
        for (int c = 0; c < 4; c++)
        {
            problem.Estimate(estimator, [c], step: 5);
            RandomDraws draws = new(Seed, RandomPurpose.SharedTail, 5, 0);
            int[] head = problem.Head(c, topK).Items;
            double[] f = problem.Scores[c];
            double[] tail = [.. Enumerable.Range(0, 64).Select(j => draws.Below((uint)j, 203)).Where(a => !head.Contains(a)).Select(a => Math.Exp(f[a]))];
            double mean = tail.Average(), squared = tail.Average(e => (e - mean) * (e - mean)) / (mean * mean);
            double z = head.Sum(a => Math.Exp(f[a])) + ((203 - topK) * mean), tau = (203 - topK) * mean / z;
            double root = tau * Math.Sqrt((1 + squared) * 203 / (203 - topK));
            double expected = Math.Clamp(root / (root + 1 - tau), 1.0 / 48, 0.98);
            Assert.That(estimator.Statistics.Epsilon, Is.EqualTo(expected).Within(1e-10), $"context {c}");
        }
    }

    [Test]
    public void Epsilon_is_within_its_bounds()
    {
        float[] even = new float[10], none = [];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(AdaptiveEpsilon.Choose(even, none, 10, 1000), Is.EqualTo(AdaptiveEpsilon.Least(1000)), "no tail");
            Assert.That(AdaptiveEpsilon.Choose(even, new float[5], 1_000_000, 1000), Is.EqualTo(0.98), "a flat policy");
            Assert.That(AdaptiveEpsilon.Choose([200, 199], new float[5], 1000, 1000), Is.EqualTo(AdaptiveEpsilon.Least(1000)), "a sharp one");
            Assert.That(AdaptiveEpsilon.Choose([float.NaN], new float[5], 1000, 1000), Is.EqualTo(AdaptiveEpsilon.Least(1000)), "no numbers");
            // √(12·2) of the tail's e^0 against 10 of the head's.
            Assert.That(AdaptiveEpsilon.Choose(even, none, 12, 1000), Is.EqualTo(Math.Sqrt(24) / (Math.Sqrt(24) + 10)).Within(1e-12), "a pilot in the head");
            for (int s = 2; s < 3000; s++)
                Assert.That(Math.Floor(AdaptiveEpsilon.Least(s) * s), Is.GreaterThanOrEqualTo(1), $"S = {s}");
        }
    }

    [Test]
    public void Estimates_are_the_same_at_any_number_of_threads_and_in_any_batch([Values] MixtureSampler sampler)
    {
        MixtureOptions options = new(48, 20, Sampler: sampler) { IsAdaptive = true };
        float[][]? first = null;
        foreach (int threads in new[] { 1, 3 })
        {
            using var problem = EstimatorCase.Normal(400, 9, 5, threads: threads);
            using IGradientEstimator estimator = problem.Estimator(options, problem.Rewards(RewardKind.Dense));
            float[][] all = problem.Estimate(estimator, [0, 1, 2, 3, 4], 3);
            first ??= all;
            Assert.That(all, Is.EqualTo(first));
            Assert.That(problem.Estimate(estimator, [3], 3)[0], Is.EqualTo(first[3]));
        }
    }

    [Test]
    public void A_batch_allocates_nothing([Values(1, 2)] int threads)
    {
        using var problem = EstimatorCase.Normal(400, 9, 16, threads: threads);
        MixtureOptions options = new(48, 20) { IsAdaptive = true };
        using IGradientEstimator estimator = problem.Estimator(options, problem.Rewards(RewardKind.Dense));
        using EstimatorBatch batch = problem.Batch([.. Enumerable.Range(0, 16)], 1);
        using Matrix gradients = new(16, 9);
        Allocations.AssertNone(() => estimator.Estimate(batch, gradients));
    }

    /// <summary>The catalogue is no larger than the pilot, which is then the same at each step: the theory of a fixed ε.</summary>
    [Test]
    public void Means_and_variances_are_those_of_its_epsilon([Values(64, 256)] int samples, [Values] RewardKind reward)
    {
        const int P = 60, Steps = 6000;
        using var problem = EstimatorCase.Normal(P, 7, 2, spread: 0.6);
        MixtureOptions options = new(samples, 16, Sampler: MixtureSampler.Iid) { IsAdaptive = true };
        using IGradientEstimator estimator = problem.Estimator(options, problem.Rewards(reward));
        for (int c = 0; c < 2; c++)
        {
            float[][] g = [.. Enumerable.Range(0, Steps).Select(step => problem.Estimate(estimator, [c], step)[0])];
            double[] pi = Softmax.Weights(problem.Scores[c]);
            int[] head = problem.Head(c, 16).Items;
            double[] q = [.. Enumerable.Range(0, P).Select(
                a => Estimates.MixtureDensity(problem.Scores[c], head, estimator.Statistics.Epsilon, a))];
            SamplingTheory theory = new(problem.RewardsOf(reward, c), problem.Beta, pi, q, [(1, q)], samples);
            double[] means = [.. Enumerable.Range(0, 7).Select(l => g.Average(row => (double)row[l]))];
            double[] distances = [.. g.Select(row => Enumerable.Range(0, 7).Sum(l => Math.Pow(row[l] - means[l], 2)))];
            for (int l = 0; l < 7; l++)
            {
                double error = Math.Sqrt(g.Sum(row => Math.Pow(row[l] - means[l], 2)) / (Steps - 1) / Steps);
                Statistic.AssertMean(means[l], error, theory.Gradient[l] + theory.Bias[l], theory.Allowance[l], $"g[{l}] of context {c}");
            }

            double variance = distances.Sum() / (Steps - 1);
            double spread = Math.Sqrt(distances.Sum(d => Math.Pow(d - variance, 2)) / (Steps - 1) / Steps);
            Statistic.AssertMean(variance, spread, theory.Variance.Sum(), theory.VarianceAllowance.Sum(), $"variance of context {c}");
        }
    }

    /// <summary>Each error is a mean over 2000 steps; three standard errors of both (one-sided: once in 700) are granted to neither.</summary>
    [Test]
    public void The_error_is_near_that_of_the_best_fixed_epsilon([Values(0.3, 2, 5)] double spread)
    {
        using var problem = EstimatorCase.Normal(2000, 8, 4, spread);
        (double own, double ownError) = Error(problem, new MixtureOptions(128, 64) { IsAdaptive = true });
        string figures = $"auto {own:G3} ± {ownError:G2}";
        double best = double.PositiveInfinity, bestError = 0;
        foreach (double epsilon in new[] { 0.05, 0.2, 0.5, 0.8, 0.95 })
        {
            (double value, double error) = Error(problem, new MixtureOptions(128, 64, epsilon));
            figures += $"; {epsilon}: {value:G3} ± {error:G2}";
            if (value < best)
                (best, bestError) = (value, error);
        }

        TestContext.Out.WriteLine($"spread {spread}: {figures}");
        Assert.That(own + (3 * ownError), Is.LessThanOrEqualTo(1.3 * (best - (3 * bestError))), figures);
    }

    /// <summary>Σ‖ĝ − g‖²/Σ‖g‖² with its standard error.</summary>
    private static (double Value, double Error) Error(EstimatorCase problem, MixtureOptions options)
    {
        const int Steps = 2000;
        int[] contexts = [0, 1, 2, 3];
        IRewardSource rewards = problem.Rewards(RewardKind.Dense);
        using IGradientEstimator exact = problem.Estimator(new ExactOptions(), rewards), estimator = problem.Estimator(options, rewards);
        float[][] g = problem.Estimate(exact, contexts, 0);
        double length = g.Sum(row => row.Sum(v => (double)v * v));
        double[] errors = [.. Enumerable.Range(0, Steps).Select(step => problem.Estimate(estimator, contexts, step)
            .Zip(g, (a, b) => a.Zip(b, (v, w) => Math.Pow((double)v - w, 2)).Sum()).Sum() / length)];
        double mean = errors.Average();
        return (mean, Math.Sqrt(errors.Sum(e => Math.Pow(e - mean, 2)) / (Steps - 1) / Steps));
    }
}
