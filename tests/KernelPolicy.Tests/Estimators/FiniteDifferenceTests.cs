using KernelPolicy.Kernels;
using KernelPolicy.Policy;
using KernelPolicy.Tests.Reference;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Estimators;

/// <summary>The gradient of a training step against differences of the objective itself, which knows no gradient.</summary>
[NonParallelizable]
public class FiniteDifferenceTests
{
    /// <remarks>
    /// Differences with δ = 1e-5 are good to 1e-9 (see Objective). Single precision: scores of |f| below 4 through two dot
    /// products of L = 7 are off by some 17·4u, weights by twice that and P·u, so that entries, sums of terms of size
    /// 2·|x β| &lt; 10 times E|r| with weights that sum to 1, are off by 2000u·E|r| at most.
    /// </remarks>
    [Test]
    public void The_exact_gradient_is_the_slope_of_the_objective([Values] bool sparse) => Widths.Each(width =>
    {
        const int Items = 40, Dimension = 7, Batch = 5;
        using WorkerTeam team = new(2);
        using Matrix items = Seeded.Matrix(1, Items, Dimension, 0.8), contexts = Seeded.Matrix(2, Batch, Dimension, 0.8);
        using Matrix theta = Seeded.Matrix(3, Dimension, Dimension, 0.5);
        float Dense(int context, int item) => ((((item * 5) + context) % 9) - 2) / 4f;
        IRewardSource rewards = sparse
            ? new SessionReward(SparseRows.FromLists([[1, 5], [3], [], [0, 7, 39], [12]]))
            : new RewardFunction(Batch, Dense);
        double[][] full = [.. Enumerable.Range(0, Batch).Select(b =>
        {
            float[] r = new float[Items];
            rewards.Fill(b, [.. Enumerable.Range(0, Items)], r);
            return Seeded.Wide(r);
        })];
        double[] expected = Linear.Flat(
            Objective.FiniteDifferences(Seeded.Wide(contexts), Seeded.Wide(theta), Seeded.Wide(items), full));
        using IGradientEstimator estimator = GradientEstimators.Create(
            new ExactOptions(), new EstimatorSetting(items, rewards, Batch, 1, team));
        using TrainingStep step = new(
            new TrainingProblem(items, new DenseContexts(contexts), rewards), estimator, theta, Batch, new AdamOptions(), team);
        Matrix gradient = step.Gradient([.. Enumerable.Range(0, Batch)], 0);
        double reward = Enumerable.Range(0, Batch).Max(b => MeanReward(contexts, theta, items, full, b));
        double allowed = 2000 * Close.SingleUnit * reward;
        Close.Values(Linear.Flat(Seeded.Wide(gradient)), expected, allowed, 0, $"width {width}");
        Assert.That(expected.Max(Math.Abs), Is.GreaterThan(100 * allowed), "the tolerance is small against the gradient");
    });

    private static double MeanReward(Matrix contexts, Matrix theta, Matrix items, double[][] rewards, int b)
    {
        double[] h = Linear.Project(Linear.Row(Seeded.Wide(contexts), b), Seeded.Wide(theta));
        return Linear.Dot(
            Softmax.Weights(Linear.Scores(h, Seeded.Wide(items))), [.. rewards[b].Select(Math.Abs)]);
    }
}
