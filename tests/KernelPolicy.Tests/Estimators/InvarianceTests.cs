using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Estimators;

/// <summary>What must not change an estimate, and what estimators must not do.</summary>
[NonParallelizable]
public class InvarianceTests
{
    [Test]
    public void The_same_bits_at_any_number_of_threads([ValueSource(nameof(All))] EstimatorOptions options) => Widths.Each(_ =>
    {
        using EstimatorProblem c = new(700, 13, batch: 11, sharpness: 2, sparse: true);
        double[,] Run(int threads)
        {
            using WorkerTeam team = new(threads);
            using IGradientEstimator estimator = c.Create(options, team: team);
            using EstimatorBatch batch = c.MakeBatch();
            using Matrix g = new(c.Batch, c.Dimension);
            estimator.Estimate(batch, g);
            return Seeded.Wide(g);
        }

        double[,] one = Run(1);
        Assert.That(Run(2), Is.EqualTo(one));
        Assert.That(Run(3), Is.EqualTo(one));
    });

    [Test]
    public void The_same_bits_in_any_order_of_the_batch([ValueSource(nameof(All))] EstimatorOptions options)
    {
        using EstimatorProblem c = new(700, 13, batch: 20, sharpness: 2, sparse: true);
        using IGradientEstimator estimator = c.Create(options);
        using Matrix whole = new(c.Batch, c.Dimension), part = new(c.Batch, c.Dimension);
        using EstimatorBatch all = c.MakeBatch(), some = c.MakeBatch(19, 3, 8);
        estimator.Estimate(all, whole);
        part.Row(3).Fill(77);
        estimator.Estimate(some, part);
        Assert.That(part.Row(0).ToArray(), Is.EqualTo(whole.Row(19).ToArray()));
        Assert.That(part.Row(1).ToArray(), Is.EqualTo(whole.Row(3).ToArray()));
        Assert.That(part.Row(2).ToArray(), Is.EqualTo(whole.Row(8).ToArray()));
        Assert.That(part.Row(3).ToArray(), Is.All.EqualTo(77), "rows beyond the batch are left alone");
    }

    [Test]
    public void Another_step_or_seed_makes_other_draws([ValueSource(nameof(All))] EstimatorOptions options)
    {
        using EstimatorProblem c = new(300, 5, batch: 2, sharpness: 1);
        float[] Run(ulong seed, long step)
        {
            using IGradientEstimator estimator = GradientEstimators.Create(
                options, new EstimatorSetting(c.Items, c.Rewards, 2, seed, c.Team), c.Index);
            using EstimatorBatch batch = c.MakeBatch();
            using Matrix g = new(2, 5);
            batch.Set(c.Contexts, step);
            estimator.Estimate(batch, g);
            return g.Row(0).ToArray();
        }

        float[] first = Run(1, 0);
        Assert.That(Run(1, 0), Is.EqualTo(first));
        if (options is ExactOptions)
            return;
        Assert.That(Run(1, 1), Is.Not.EqualTo(first));
        Assert.That(Run(2, 0), Is.Not.EqualTo(first));
    }

    /// <summary>r − r̄ is 0 for a constant reward, but for the error of Σw = 1, γ_n + 10u, of |r|·Σw|β| &lt; 5|r|.</summary>
    [Test]
    public void A_constant_reward_gives_no_gradient([ValueSource(nameof(All))] EstimatorOptions options)
    {
        using EstimatorProblem c = new(300, 6, batch: 3, sharpness: 1.5);
        if (options is ReinforceOptions { Baseline: false })
            return; // Its estimate is r·(mean β of the draws − E β), which is zero in the mean only.
        const float Reward = -2.5f;
        using IGradientEstimator estimator = c.Create(options, new RewardFunction(1000, (_, _) => Reward));
        using EstimatorBatch batch = c.MakeBatch();
        using Matrix g = new(3, 6);
        estimator.Estimate(batch, g);
        double allowed = 2 * (Close.Gamma(300) + (10 * Close.SingleUnit)) * 2.5 * 5;
        for (int b = 0; b < 3; b++)
            Close.Values(g.Row(b), new double[6], allowed, 0, $"{options}, context {b}");
        Assert.That(estimator.Statistics.MeanReward, Is.EqualTo(Reward).Within(allowed));
    }

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
    public void Nothing_is_allocated_once_warm([ValueSource(nameof(All))] EstimatorOptions options, [Values(1, 2)] int threads)
    {
        using EstimatorProblem c = new(2000, 16, batch: 9, sharpness: 1, sparse: true, threads);
        using IGradientEstimator estimator = c.Create(options);
        using EstimatorBatch batch = c.MakeBatch();
        using Matrix g = new(9, 16);
        long step = 0;
        Allocations.AssertNone(
            () =>
            {
                batch.Set(c.Contexts, step++);
                estimator.Estimate(batch, g);
            },
            warmUp: 30);
    }

    /// <summary>Scores of ±1e4 leave one item with all the weight, or none: numbers stay numbers.</summary>
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
    public void Parameters_out_of_range_are_refused()
    {
        using EstimatorProblem c = new(30, 3, batch: 2, sharpness: 1);
        EstimatorOptions[] wrong =
        [
            new UniformOptions(1), new UniformOptions(-5), new ReinforceOptions(0), new MixtureOptions(1),
            new MixtureOptions(TopK: 0), new MixtureOptions(Epsilon: -0.1), new MixtureOptions(Epsilon: 1.01),
            new MixtureOptions(Epsilon: double.NaN), new UniformOptions(20_000_000),
        ];
        foreach (EstimatorOptions options in wrong)
            Assert.That(() => c.Create(options), Throws.TypeOf<ArgumentOutOfRangeException>(), $"{options}");
        EstimatorSetting setting = new(c.Items, c.Rewards, 2, 1, c.Team);
        Assert.That(() => GradientEstimators.Create(new MixtureOptions(), setting), Throws.ArgumentException);
        using Matrix others = new(30, 3);
        using ExactIndex index = new(others);
        Assert.That(() => GradientEstimators.Create(new MixtureOptions(), setting, index), Throws.ArgumentException);
        Assert.That(
            () => GradientEstimators.Create(new ExactOptions(), setting with { BatchSize = 0 }),
            Throws.TypeOf<ArgumentOutOfRangeException>());
        using IGradientEstimator estimator = c.Create(new UniformOptions(10));
        using EstimatorBatch batch = c.MakeBatch();
        using Matrix narrow = new(2, 2), few = new(1, 3);
        Assert.That(() => estimator.Estimate(batch, narrow), Throws.ArgumentException);
        Assert.That(() => estimator.Estimate(batch, few), Throws.ArgumentException);
    }

    /// <summary>A rewarded item that the catalogue does not have would be read from beyond the table.</summary>
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
