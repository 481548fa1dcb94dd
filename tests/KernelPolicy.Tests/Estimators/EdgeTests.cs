using KernelPolicy.Kernels;
using KernelPolicy.Policy;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Estimators;

/// <summary>Estimators at the edges: no reward, huge scores, catalogues of one or two items.</summary>
[NonParallelizable]
public class EdgeTests
{
    [Test]
    public void No_reward_gives_exactly_zero([ValueSource(nameof(All))] EstimatorOptions options)
    {
        using EstimatorProblem c = new(300, 6, batch: 3, sharpness: 1.5);
        SessionReward none = new(SparseRows.FromLists([.. Enumerable.Repeat(Array.Empty<int>(), 200)]));
        using IGradientEstimator estimator = c.Create(options, none);
        using EstimatorBatch batch = c.MakeBatch();
        using Matrix g = Seeded.Matrix(1, 3, 6);
        estimator.Estimate(batch, g);
        Assert.That(Seeded.Wide(g), Is.All.Zero);
    }

    [Test]
    public void Huge_scores_stay_finite([ValueSource(nameof(All))] EstimatorOptions options)
    {
        using EstimatorProblem c = new(300, 4, batch: 4, sharpness: 1e4);
        Assert.That(c.Scores.Max(f => f.Max()), Is.GreaterThan(1e4));
        using IGradientEstimator estimator = c.Create(options);
        using EstimatorBatch batch = c.MakeBatch();
        using Matrix g = new(4, 4);
        estimator.Estimate(batch, g);
        for (int b = 0; b < 4; b++)
            Assert.That(g.Row(b).ToArray(), Is.All.Matches<float>(float.IsFinite));
        Assert.That(estimator.Statistics.MeanReward, Is.InRange(-0.75, 1.25), "the range of the rewards");
    }

    [TestCase(1)]
    [TestCase(2)]
    public void Catalogues_of_one_and_two_items(int catalogue)
    {
        foreach (EstimatorOptions options in All)
        {
            using EstimatorProblem c = new(catalogue, 3, batch: 2, sharpness: 1);
            using IGradientEstimator estimator = c.Create(options);
            using EstimatorBatch batch = c.MakeBatch();
            using Matrix g = new(2, 3);
            estimator.Estimate(batch, g);
            if (catalogue == 1)
                Close.Values(g.Row(0), new double[3], 1e-6, 0, $"{options}: one item has no covariance with itself");
            else
                Assert.That(g.Row(0).ToArray(), Is.All.Matches<float>(float.IsFinite));
        }
    }

    [Test]
    public void A_rewarded_item_beyond_the_catalogue_is_refused()
    {
        using Matrix items = Seeded.Matrix(1, 10, 3);
        Assert.That(
            () => TrainingProblem.SessionCompletion(
                items, SparseRows.FromLists([[0, 1]]), SparseRows.FromLists([[2, 10]])),
            Throws.ArgumentException);
    }

    private static EstimatorOptions[] All => EstimatorProblem.All();
}
