using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Estimators;

/// <summary>A training step allocates nothing once it is warm.</summary>
public sealed class EstimatorAllocationTests
{
    private const int Contexts = 24;

    private static readonly int[] Batch = [.. Enumerable.Range(0, 16)];

    [Test]
    public void A_step_allocates_nothing(
        [ValueSource(typeof(EstimatorKinds), nameof(EstimatorKinds.All))] EstimatorOptions options,
        [Values] RewardKind reward, [Values(1, 2)] int threads) =>
        AssertNothing(options, reward, threads, hnsw: false);

    [Test]
    public void A_step_with_a_graph_allocates_nothing(
        [Values] MixtureSampler sampler, [Values] RewardKind reward, [Values(1, 2)] int threads) =>
        AssertNothing(new MixtureOptions(48, 20, 0.5, sampler), reward, threads, hnsw: true);

    /// <summary>Scratch memory is sized for a batch at construction: the first batch need not be the largest, nor its sessions
    /// the longest.</summary>
    [Test]
    public void Nothing_is_allocated_after_a_small_first_batch(
        [ValueSource(typeof(EstimatorKinds), nameof(EstimatorKinds.All))] EstimatorOptions options, [Values] bool longSession)
    {
        using var problem = EstimatorCase.Normal(400, 9, Contexts);
        int[][] sessions = [.. Enumerable.Range(0, Contexts).Select(
            c => Enumerable.Range(0, longSession && c == 5 ? 300 : 20).ToArray())];
        SessionReward rewards = new(SparseRows.FromLists(sessions));

        // One estimator makes the code warm, so that only what belongs to the second can allocate.
        long allocated = 0;
        for (int pass = 0; pass < 30; pass++)
        {
            using IGradientEstimator estimator = problem.Estimator(options, rewards);
            using EstimatorBatch one = problem.Batch([0], 0), next = problem.Batch(longSession ? [5] : Batch, 1);
            using Matrix gradients = new(Contexts, 9);
            estimator.Estimate(one, gradients);
            long before = GC.GetAllocatedBytesForCurrentThread();
            estimator.Estimate(next, gradients);
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Assert.That(allocated, Is.Zero);
    }

    private static void AssertNothing(EstimatorOptions options, RewardKind reward, int threads, bool hnsw)
    {
        using var data = EstimatorCase.Normal(400, 9, Contexts, threads: threads);
        using IMipsIndex index = hnsw
            ? HnswIndex.Build(data.Items, new HnswOptions { M = 8 }, data.Team)
            : new ExactIndex(data.Items);
        IRewardSource rewards = data.Rewards(reward);
        using IGradientEstimator estimator = GradientEstimators.Create(
            options, new EstimatorSetting(data.Items, rewards, Batch.Length, 1, data.Team), index);
        TrainingProblem problem = new(data.Items, new DenseContexts(data.Projected), rewards);
        using Matrix theta = new(9, 9);
        for (int l = 0; l < 9; l++)
            theta.Row(l)[l] = 1;
        using TrainingStep step = new(problem, estimator, theta, Batch.Length, new AdamOptions(), data.Team);
        long number = 0;
        Allocations.AssertNone(() => step.Run(number % 3 == 2 ? Batch.AsSpan(0, 5) : Batch, number++, 1e-3));
    }
}
