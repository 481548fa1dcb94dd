using KernelPolicy.Kernels;
using KernelPolicy.Policy;
using KernelPolicy.Tests.Reference;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Estimators;

/// <summary>
/// Strata against the reference in double precision for the same heads and draws (<see cref="StrataAgreement"/>).
/// </summary>
[TestFixture(512)]
[TestFixture(256)]
[TestFixture(128)]
public sealed class StrataEstimatorTests(int width) : VectorWidthFixture(width)
{
    private const ulong Seed = 0x0123456789ABCDEF;
    private const long Step = (5L << 32) + 77;
    private const int Contexts = 19;

    private static readonly int[] Batch = [18, 2, 7, 0, 11, 3];

    [Test]
    public void Gradient_and_errors(
        [Values] RewardKind reward, [Values] bool control, [Values] TailSharing sharing, [Values(0, 1, 30)] int topK,
        [Values(1, 9, 64, 150)] int tail)
    {
        using var problem = EstimatorCase.Normal(203, 7, Contexts);
        AssertAgrees(problem, new StrataOptions(topK, tail, sharing, control), reward);
    }

    [Test]
    public void Ragged_rows([Values] RewardKind reward, [Values] TailSharing sharing)
    {
        using var problem = EstimatorCase.Normal(389, 33, Contexts);
        AssertAgrees(problem, new StrataOptions(40, 100, sharing), reward);
    }

    /// <summary>A head of the worst item alone, and all others drawn: they outrun it by more than e^88, the largest of single
    /// precision, unless the greatest of all scores is taken off. Scores are exact; a sum of 300 weights, each off by a few roundings,
    /// is off by 310 of them.</summary>
    [Test]
    public void Draws_that_outrun_the_head_do_not_overflow([Values] RewardKind reward)
    {
        const int Context = 2, Items = 300;
        using var problem = EstimatorCase.Representable(Items, 7, Contexts, largest: 400);
        using StrataCase strata = new(problem, Items);
        double[] f = problem.Scores[Context];
        Assert.That(f.Max() - f.Min(), Is.GreaterThan(2 * Math.Log(float.MaxValue)));
        int worst = Array.IndexOf(f, f.Min());
        int[] others = [.. Enumerable.Range(0, Items).Where(a => a != worst)];
        (float[] gradient, StrataReport report) = strata.Estimate(Context, [worst], others, reward, control: false, isWhole: true);
        Assert.That(report.LogPartition, Is.EqualTo(Softmax.LogSumExp(f)).Within(310 * Close.SingleUnit));
        Assert.That(gradient, Is.All.Matches<float>(float.IsFinite));
    }

    /// <summary>Where the tail is as long as the catalogue, or the head is all of it, nothing is left to chance.</summary>
    [Test]
    public void The_whole_catalogue_is_summed_exactly(
        [Values] RewardKind reward, [Values] TailSharing sharing, [Values(0, 16, 203, 500)] int topK, [Values(1, 203, 1000)] int tail)
    {
        using var problem = EstimatorCase.Normal(203, 7, Contexts);
        bool isWhole = topK >= 203 || tail >= 203;
        using IGradientEstimator estimator = problem.Estimator(new StrataOptions(topK, tail, sharing), problem.Rewards(reward), Seed);
        float[][] g = problem.Estimate(estimator, Batch, Step);
        Assert.That(estimator.Statistics.Strata.PartitionVariance, isWhole ? Is.Zero : Is.Not.Zero);
        Assert.That(estimator.Statistics.Strata.GradientVariance, isWhole ? Is.Zero : Is.Not.Zero);
        for (int position = 0; isWhole && position < Batch.Length; position++)
        {
            int c = Batch[position];
            double[] pi = Softmax.Weights(problem.Scores[c]), r = problem.RewardsOf(reward, c);
            int[] all = [.. Enumerable.Range(0, 203)];
            Close.Within(
                g[position], Estimates.Exact(problem.Scores[c], r, problem.Beta),
                ErrorBound.Covariance(all, pi, r, problem.Beta, 2 * Rho(problem, c, 203)), $"g of context {c}");
        }
    }

    /// <summary>A policy that is nearly flat is linear in its scores, and what is linear is known exactly: the error that is left
    /// is the curvature's, and reported.</summary>
    [Test]
    public void A_flat_policy_needs_no_head()
    {
        using var problem = EstimatorCase.Normal(2000, 7, Contexts, spread: 0.02);
        float[][] Of(StrataOptions options, out StrataStatistics strata)
        {
            using IGradientEstimator estimator = problem.Estimator(options, problem.Rewards(RewardKind.Sparse), Seed);
            float[][] g = problem.Estimate(estimator, Batch, Step);
            strata = estimator.Statistics.Strata;
            return g;
        }

        float[][] controlled = Of(new StrataOptions(0, 64), out StrataStatistics with);
        Of(new StrataOptions(0, 64, Control: false), out StrataStatistics without);
        Assert.That(with.PartitionError, Is.LessThan(0.05 * without.PartitionError));
        Assert.That(with.GradientError, Is.LessThan(0.05 * without.GradientError));
        for (int position = 0; position < Batch.Length; position++)
        {
            int c = Batch[position];
            double[] exact = Estimates.Exact(problem.Scores[c], problem.RewardsOf(RewardKind.Sparse, c), problem.Beta);
            double error = controlled[position].Zip(exact, (a, b) => (a - b) * (a - b)).Sum();

            // Squares of the errors of seven entries: within 4.5² of their sum's expectation.
            Assert.That(error, Is.LessThan(20 * with.GradientVariance), $"context {c}");
        }
    }

    [Test]
    public void Draws_that_beat_the_retrieved_items_are_counted()
    {
        using var problem = EstimatorCase.Normal(203, 7, Contexts);
        using StrataCase strata = new(problem, 400);
        for (int c = 0; c < Contexts; c++)
        {
            int[] best = TopItems.Of(problem.Scores[c], 30), wrong = [.. best[5..]];
            int[] known = [best[4]];
            int[] tail = strata.Draws([.. wrong, .. known], 400, Seed, 1, c);
            StrataReport report = strata.Estimate(
                c, [.. wrong, .. known], tail, RewardKind.Sparse, control: true, retrieved: wrong.Length).Report;
            Assert.That(report.Missed, Is.EqualTo(tail.Count(a => best.AsSpan(0, 4).Contains(a))), $"context {c}");
            Assert.That(
                strata.Estimate(c, known, tail[..40], RewardKind.Sparse, control: true, retrieved: 0).Report.Missed, Is.Zero,
                "nothing was retrieved, and nothing missed");
        }
    }

    [Test]
    public void A_budget_is_met_and_no_more_is_drawn_than_it_needs(
        [Values] TailSharing sharing, [Values(0.6, 0.3, 0.2)] double target)
    {
        using var problem = EstimatorCase.Normal(20_000, 7, Contexts);
        using IGradientEstimator estimator = problem.Estimator(
            new StrataOptions(64, 16, sharing, RelativeError: target, LongestTail: 20_000), problem.Rewards(RewardKind.Sparse), Seed);
        problem.Estimate(estimator, Batch, Step);
        StrataStatistics strata = estimator.Statistics.Strata;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(strata.GradientError, Is.LessThanOrEqualTo(target));
            Assert.That(strata.Searched, Is.EqualTo(Batch.Length), "a sharp policy asks the index");
            Assert.That(
                strata.GradientError, Is.GreaterThan(0.4 * target).Or.Matches<double>(_ => strata.TailDraws <= 16 * Batch.Length),
                "a tail four times too long would halve it");
        }
    }

    [Test]
    public void A_budget_asks_no_index_while_the_policy_is_flat_and_stops_at_its_longest_tail()
    {
        using var flat = EstimatorCase.Normal(20_000, 7, Contexts, spread: 0.05);
        using IGradientEstimator easy = flat.Estimator(
            new StrataOptions(64, 64, RelativeError: 0.1), flat.Rewards(RewardKind.Sparse), Seed);
        flat.Estimate(easy, Batch, Step);
        Assert.That(easy.Statistics.Strata.Searched, Is.Zero);
        Assert.That(easy.Statistics.Strata.GradientError, Is.LessThanOrEqualTo(0.1));

        using var sharp = EstimatorCase.Normal(20_000, 7, Contexts);
        using IGradientEstimator hard = sharp.Estimator(
            new StrataOptions(4, 16, RelativeError: 1e-6, LongestTail: 100), sharp.Rewards(RewardKind.Dense), Seed);
        sharp.Estimate(hard, Batch, Step);
        Assert.That(hard.Statistics.Strata.TailDraws, Is.InRange(90 * Batch.Length, 100 * Batch.Length));
        Assert.That(hard.Statistics.Strata.GradientError, Is.GreaterThan(1e-6));
    }

    private static void AssertAgrees(EstimatorCase problem, StrataOptions options, RewardKind reward)
    {
        using IGradientEstimator estimator = problem.Estimator(options, problem.Rewards(reward), Seed);
        float[][] g = problem.Estimate(estimator, Batch, Step);
        int[][] retrieved = [.. Batch.Select(c => options.TopK == 0 ? [] : problem.Head(c, options.TopK).Items)];
        new StrataAgreement(problem, options, reward, Batch, Step, Seed).Check(g, estimator.Statistics.Strata, retrieved);
    }

    private static double Rho(EstimatorCase problem, int context, int terms) => StrataAgreement.Rho(problem, context, terms);
}
