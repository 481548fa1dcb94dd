using KernelPolicy.Kernels;
using KernelPolicy.Policy;
using KernelPolicy.Tests.Estimators;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Rewards;

/// <summary>Training steps on rewards of a log: no allocation, and the same numbers at any number of threads.</summary>
public sealed class LoggedTrainingTests
{
    private const int P = 400;
    private const int N = 24;

    [Test]
    public void A_step_allocates_nothing(
        [ValueSource(typeof(EstimatorKinds), nameof(EstimatorKinds.All))] EstimatorOptions options, [Values] bool doublyRobust)
    {
        using var problem = EstimatorCase.Normal(P, 9, N, threads: 2);
        using Matrix theta = Theta.Initialise(9, ThetaInitialisation.Identity, 1, 1);
        IRewardSource rewards = Rewards(problem, doublyRobust);
        using IGradientEstimator estimator = problem.Estimator(options, rewards);
        using TrainingStep step = new(
            new TrainingProblem(problem.Items, new DenseContexts(problem.Projected), rewards), estimator, theta, N, new AdamOptions(), problem.Team);
        int[] batch = [.. Enumerable.Range(0, N)];
        long number = 0;
        Allocations.AssertNone(() => step.Run(number % 3 == 2 ? batch.AsSpan(0, 5) : batch, number++, 1e-3));
    }

    [Test]
    public void The_same_at_any_number_of_threads(
        [ValueSource(typeof(EstimatorKinds), nameof(EstimatorKinds.All))] EstimatorOptions options, [Values] bool doublyRobust)
    {
        float[][] Run(int threads)
        {
            using var problem = EstimatorCase.Normal(P, 9, N, threads: threads);
            using IGradientEstimator estimator = problem.Estimator(options, Rewards(problem, doublyRobust));
            return problem.Estimate(estimator, [.. Enumerable.Range(0, N)], 3);
        }

        float[][] one = Run(1);
        foreach (int threads in new[] { 2, 3 })
            Assert.That(Run(threads), Is.EqualTo(one), $"{threads} threads");
    }

    private static IRewardSource Rewards(EstimatorCase problem, bool doublyRobust)
    {
        LoggedFeedback log = new(
            Seeded.Items(1, N, P), [.. Enumerable.Range(1, N).Select(i => 1.0 / (3 * i))], [.. Enumerable.Range(0, N).Select(i => i % 2.0)], P);
        PropensityWeighting weighting = PropensityWeighting.Clipped(0.05);
        return doublyRobust
            ? new DoublyRobustReward(log, LogisticRewardModel.Fit(problem.Items, new DenseContexts(problem.Projected), log), weighting)
            : new LoggedReward(log, weighting);
    }
}
