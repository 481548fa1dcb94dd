using KernelPolicy.Kernels;
using KernelPolicy.Policy;
using NUnit.Framework;

namespace KernelPolicy.Tests.Estimators;

/// <summary>Same seed, step and context, same g, bit for bit: whatever the threads, the place in the batch and the company
/// there.</summary>
[TestFixture(512)]
[TestFixture(256)]
[TestFixture(128)]
public sealed class EstimatorDeterminismTests(int width) : VectorWidthFixture(width)
{
    // More than two of the softmax pass's ranges of 1536 items, more than two panels of 8 queries.
    private const int Items = 3400;
    private const int Contexts = 21;

    private static readonly int[] Everyone = [.. Enumerable.Range(0, Contexts)];

    [Test]
    public void The_same_at_any_number_of_threads(
        [ValueSource(typeof(EstimatorKinds), nameof(EstimatorKinds.All))] EstimatorOptions options, [Values] RewardKind reward)
    {
        float[][] one = Run(options, reward, threads: 1);
        foreach (int threads in new[] { 2, 3 })
            Assert.That(Run(options, reward, threads), Is.EqualTo(one), $"{threads} threads");
    }

    [Test]
    public void The_same_wherever_in_the_batch_and_in_whatever_company(
        [ValueSource(typeof(EstimatorKinds), nameof(EstimatorKinds.WithoutBudget))] EstimatorOptions options, [Values] RewardKind reward)
    {
        using var problem = EstimatorCase.Normal(Items, 33, Contexts, threads: 2);
        using IGradientEstimator estimator = problem.Estimator(options, problem.Rewards(reward));
        float[][] all = problem.Estimate(estimator, Everyone, step: 4);
        foreach (int[] batch in new int[][] { [5], [20, 5, 3], [.. Everyone.Reverse()], [5, 5, 5, 5, 5, 5, 5, 5, 5, 19] })
        {
            float[][] g = problem.Estimate(estimator, batch, step: 4);
            for (int position = 0; position < batch.Length; position++)
                Assert.That(g[position], Is.EqualTo(all[batch[position]]), $"context {batch[position]} at {position} of {batch.Length}");
        }
    }

    [Test]
    public void Seed_and_step_change_what_is_drawn(
        [ValueSource(typeof(EstimatorKinds), nameof(EstimatorKinds.Drawing))] EstimatorOptions options)
    {
        using var problem = EstimatorCase.Normal(203, 7, 2);
        float[] At(ulong seed, long step, int context)
        {
            using IGradientEstimator estimator = problem.Estimator(options, problem.Rewards(RewardKind.Dense), seed);
            return problem.Estimate(estimator, [context], step)[0];
        }

        float[] g = At(1, 0, 0);
        Assert.That(At(1, 0, 0), Is.EqualTo(g));
        Assert.That(At(2, 0, 0), Is.Not.EqualTo(g));
        Assert.That(At(1, 1, 0), Is.Not.EqualTo(g));
        Assert.That(At(1, 1L << 32, 0), Is.Not.EqualTo(g));
    }

    /// <summary>Rows of G beyond the batch are the caller's.</summary>
    [Test]
    public void Rows_beyond_the_batch_are_left_alone(
        [ValueSource(typeof(EstimatorKinds), nameof(EstimatorKinds.All))] EstimatorOptions options, [Values] RewardKind reward)
    {
        using var problem = EstimatorCase.Normal(203, 7, 6);
        using IGradientEstimator estimator = problem.Estimator(options, problem.Rewards(reward));
        using EstimatorBatch batch = problem.Batch([4, 2, 5], 0);
        using Matrix gradients = new(6, 7);
        for (int row = 0; row < 6; row++)
            gradients.Row(row).Fill(9);
        estimator.Estimate(batch, gradients);
        using (Assert.EnterMultipleScope())
        {
            for (int row = 0; row < 3; row++)
                Assert.That(gradients.Row(row).ToArray(), Has.None.EqualTo(9f));
            for (int row = 3; row < 6; row++)
                Assert.That(gradients.Row(row).ToArray(), Has.All.EqualTo(9f));
            for (int row = 0; row < 6; row++)
                Assert.That(gradients.PaddedRow(row)[7..].ToArray(), Has.All.Zero, "padding");
        }
    }

    private static float[][] Run(EstimatorOptions options, RewardKind reward, int threads)
    {
        using var problem = EstimatorCase.Normal(Items, 33, Contexts, threads: threads);
        using IGradientEstimator estimator = problem.Estimator(options, problem.Rewards(reward));
        problem.Estimate(estimator, [3, 1], step: 3);
        return problem.Estimate(estimator, Everyone, step: 4);
    }
}
