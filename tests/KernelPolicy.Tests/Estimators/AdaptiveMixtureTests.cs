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

    /// <summary>Scores are exact; V is made in single precision, of sums of up to 217 shares and of 7 squares: 224·2^-24 = 1.4e-5 of
    /// it, and ε changes by ε(1 − ε)/2 ≤ 1/8 of a relative change of T/H, to which V gives twice its own.</summary>
    [Test]
    public void Epsilon_is_that_of_the_formula([Values(1, 3)] int largest, [Values(1, 16, 150)] int topK, [Values] RewardKind kind)
    {
        const int P = 203;
        using var problem = EstimatorCase.Representable(P, 7, 4, largest);
        MixtureOptions options = new(48, topK) { IsAdaptive = true };
        using IGradientEstimator estimator = problem.Estimator(options, problem.Rewards(kind), Seed);
        for (int c = 0; c < 4; c++)
        {
            problem.Estimate(estimator, [c], step: 5);
            RandomDraws draws = new(Seed, RandomPurpose.SharedTail, 5, 0);
            int[] head = problem.Head(c, topK).Items;
            int[] known = [.. problem.Rewards(kind).RewardedItems(c).ToArray().Except(head)];
            int[] pilot = [.. Enumerable.Range(0, 64).Select(j => draws.Below((uint)j, P)).Where(a => !head.Contains(a) && !known.Contains(a))];
            double[] e = [.. problem.Scores[c].Select(Math.Exp)], r = problem.RewardsOf(kind, c);
            double expected = Math.Clamp(Chosen(problem, e, r, head, known, pilot), 1.0 / 48, 0.98);
            Assert.That(estimator.Statistics.Epsilon, Is.EqualTo(expected).Within(4e-6), $"context {c}");
        }
    }

    [Test]
    public void Epsilon_is_within_its_bounds()
    {
        float[] even = new float[10];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(ForMean(even, [], 10), Is.EqualTo(AdaptiveEpsilon.Least(1000)), "no tail");
            Assert.That(ForMean(even, new float[5], 1_000_000), Is.EqualTo(0.98), "a flat policy");
            Assert.That(ForMean([200, 199], new float[5], 1000), Is.EqualTo(AdaptiveEpsilon.Least(1000)), "a sharp one");
            Assert.That(ForMean([float.NaN], new float[5], 1000), Is.EqualTo(AdaptiveEpsilon.Least(1000)), "no numbers");
            // √(12·2) of the tail's e^0 against 10 of the head's.
            Assert.That(ForMean(even, [], 12), Is.EqualTo(Math.Sqrt(24) / (Math.Sqrt(24) + 10)).Within(1e-12), "a pilot in the head");
            for (int s = 2; s < 3000; s++)
                Assert.That(Math.Floor(AdaptiveEpsilon.Least(s) * s), Is.GreaterThanOrEqualTo(1), $"S = {s}");
        }

        static double ForMean(float[] head, float[] pilot, int catalogue) => AdaptiveEpsilon.ChooseForMean(
            Of(head, new float[head.Length]), default, Of(pilot, new float[pilot.Length]), catalogue, 1000);
    }

    [Test]
    public void Epsilon_goes_where_the_rewards_are()
    {
        float[] even = new float[10], nothing = new float[10];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Choose(Of(even, [1, .. nothing[1..]]), default), Is.LessThan(0.5), "the only rewarded item in the head");
            Assert.That(Choose(Of(even, nothing), Of([0], [1])), Is.EqualTo(0.98), "outside the head");
            Assert.That(Choose(Of(even, nothing), default), Is.EqualTo(AdaptiveEpsilon.Least(1000)), "no reward: g = 0");
        }

        static double Choose(ScoredRewards head, ScoredRewards rewarded) =>
            AdaptiveEpsilon.Choose(head, rewarded, Of(new float[10], new float[10]), 1000, 1000);
    }

    [Test]
    public void The_log_likelihood_asks_for_the_mean_of_the_policy_alone()
    {
        using var problem = EstimatorCase.Normal(400, 9, 4);
        MixtureOptions options = new(48, 20) { IsAdaptive = true };
        IRewardSource rewards = problem.Rewards(RewardKind.Sparse);
        using IGradientEstimator estimator = GradientEstimators.Create(
            options,
            new EstimatorSetting(problem.Items, rewards, 4, Seed, problem.Team) { Objective = TrainingObjective.LogLikelihood },
            problem.Index);
        problem.Estimate(estimator, [2], step: 5);
        RandomDraws draws = new(Seed, RandomPurpose.SharedTail, 5, 0);
        int[] head = problem.Head(2, 20).Items, known = [.. rewards.RewardedItems(2).ToArray().Except(head)];
        double[] e = [.. problem.Scores[2].Select(Math.Exp)];
        int[] pilot = [.. Enumerable.Range(0, 64).Select(j => draws.Below((uint)j, 400)).Where(a => !head.Contains(a) && !known.Contains(a))];
        // Scores in single precision, |f| ≤ 10 of 9 terms: 10 γ_9 ≈ 5e-6 in each exponent.
        Assert.That(estimator.Statistics.Epsilon, Is.EqualTo(Chosen(problem, e, null, head, known, pilot)).Within(2e-5));
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
    public void The_error_is_near_that_of_the_best_fixed_epsilon([Values(0.3, 2, 5)] double spread, [Values] RewardKind kind)
    {
        using var problem = EstimatorCase.Normal(2000, 8, 4, spread);
        (double own, double ownError) = Error(problem, kind, new MixtureOptions(128, 64) { IsAdaptive = true });
        string figures = $"auto {own:G3} ± {ownError:G2}";
        double best = double.PositiveInfinity, bestError = 0;
        foreach (double epsilon in new[] { 0.05, 0.2, 0.5, 0.8, 0.95 })
        {
            (double value, double error) = Error(problem, kind, new MixtureOptions(128, 64, epsilon));
            figures += $"; {epsilon}: {value:G3} ± {error:G2}";
            if (value < best)
                (best, bestError) = (value, error);
        }

        TestContext.Out.WriteLine($"spread {spread}, {kind}: {figures}");
        Assert.That(own + (3 * ownError), Is.LessThanOrEqualTo(1.3 * (best - (3 * bestError))), figures);
    }

    /// <summary>Items of length 1.</summary>
    private static ScoredRewards Of(float[] scores, float[] rewards) => new(scores, rewards, scores.Select(_ => 1f).ToArray());

    /// <summary>‖β_a − β̄‖² of all items, β̄ by the weights of those that are known.</summary>
    private static double[] Spreads(EstimatorCase problem, Func<Func<int, double>, double> all, Func<int, double> weight)
    {
        double z = all(weight);
        double[] mean = [.. Enumerable.Range(0, problem.Dimension).Select(l => all(a => weight(a) * problem.Beta[a, l]) / z)];
        return [.. Enumerable.Range(0, problem.Catalogue).Select(
            a => Enumerable.Range(0, problem.Dimension).Sum(l => Math.Pow(problem.Beta[a, l] - mean[l], 2)))];
    }

    /// <summary>ε* as <see cref="AdaptiveEpsilon"/> states it, term by term; of the mean item where there are no rewards.</summary>
    private static double Chosen(EstimatorCase problem, double[] e, double[]? r, int[] head, int[] known, int[] pilot)
    {
        double each = (double)(e.Length - head.Length - known.Length) / pilot.Length;
        double[] v = Spreads(problem, All, a => e[a]);
        double z = All(a => e[a]), mean = r is null ? 0 : All(a => e[a] * r[a]) / z;
        double length = r is null ? 0 : All(a => v[a] * Math.Pow(e[a] / z * (r[a] - mean), 2));
        double t = e.Length * (known.Sum(a => e[a] * e[a] * W(a)) + (each * pilot.Sum(a => e[a] * e[a] * W(a))));
        double h = head.Sum(a => e[a]) * head.Sum(a => e[a] * W(a));
        return Math.Sqrt(t) / (Math.Sqrt(t) + Math.Sqrt(h));

        double W(int a) => r is null ? v[a] : (v[a] * Math.Pow(r[a] - mean, 2) * (1 - (2 * e[a] / z))) + length;

        double All(Func<int, double> term) => head.Sum(term) + known.Sum(term) + (each * pilot.Sum(term));
    }

    /// <summary>Σ‖ĝ − g‖²/Σ‖g‖² with its standard error.</summary>
    private static (double Value, double Error) Error(EstimatorCase problem, RewardKind kind, MixtureOptions options)
    {
        const int Steps = 2000;
        int[] contexts = [0, 1, 2, 3];
        IRewardSource rewards = problem.Rewards(kind);
        using IGradientEstimator exact = problem.Estimator(new ExactOptions(), rewards), estimator = problem.Estimator(options, rewards);
        float[][] g = problem.Estimate(exact, contexts, 0);
        double length = g.Sum(row => row.Sum(v => (double)v * v));
        double[] errors = [.. Enumerable.Range(0, Steps).Select(step => problem.Estimate(estimator, contexts, step)
            .Zip(g, (a, b) => a.Zip(b, (v, w) => Math.Pow((double)v - w, 2)).Sum()).Sum() / length)];
        double mean = errors.Average();
        return (mean, Math.Sqrt(errors.Sum(e => Math.Pow(e - mean, 2)) / (Steps - 1) / Steps));
    }
}
