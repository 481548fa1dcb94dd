using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;
using NUnit.Framework;

namespace KernelPolicy.Tests.Estimators;

/// <summary>Mistakes of the caller, and numbers that are no longer numbers.</summary>
public sealed class EstimatorArgumentTests
{
    private static readonly EstimatorOptions[] OutOfRange =
    [
        new ReinforceOptions(1), new ReinforceOptions(0), new ReinforceOptions(10_000_001),
        new UniformOptions(1), new UniformOptions(-5),
        new MixtureOptions(Samples: 1), new MixtureOptions(TopK: 0), new MixtureOptions(TopK: 1_000_001),
        new MixtureOptions(Epsilon: -0.001), new MixtureOptions(Epsilon: 1.001), new MixtureOptions(Epsilon: double.NaN),
    ];

    private EstimatorCase _problem = null!;

    [SetUp]
    public void MakeProblem() => _problem = EstimatorCase.Normal(60, 7, 8);

    [TearDown]
    public void FreeProblem() => _problem.Dispose();

    [Test]
    public void A_parameter_out_of_range_is_refused([ValueSource(nameof(OutOfRange))] EstimatorOptions options)
    {
        ArgumentOutOfRangeException error = Assert.Throws<ArgumentOutOfRangeException>(
            () => GradientEstimators.Create(options, Setting(), _problem.Index))!;
        Assert.That(error.ActualValue, Is.Not.Null);
    }

    [Test]
    public void Parameters_at_the_ends_of_their_ranges_are_taken()
    {
        foreach (EstimatorOptions options in new EstimatorOptions[]
        {
            new ReinforceOptions(2), new UniformOptions(2), new MixtureOptions(2, 1, 0), new MixtureOptions(2, 1_000_000, 1),
        })
        {
            using IGradientEstimator estimator = GradientEstimators.Create(options, Setting(), _problem.Index);
            Assert.That(_problem.Estimate(estimator, [0], 0)[0], Has.All.Matches<float>(float.IsFinite));
        }
    }

    [Test]
    public void Those_that_retrieve_need_an_index_and_the_others_do_not()
    {
        foreach (EstimatorOptions options in EstimatorKinds.All)
        {
            if (options.NeedsIndex)
                Assert.That(() => GradientEstimators.Create(options, Setting()), Throws.ArgumentException.With.Message.Contains("index"));
            else
                GradientEstimators.Create(options, Setting()).Dispose();
            Assert.That(options.NeedsIndex, Is.EqualTo(options is MixtureOptions or StrataOptions { TopK: > 0 }));
        }
    }

    [Test]
    public void An_index_over_other_items_is_refused(
        [ValueSource(typeof(EstimatorKinds), nameof(EstimatorKinds.All))] EstimatorOptions options)
    {
        using Matrix copy = new(60, 7);
        copy.CopyFrom(_problem.Items);
        using ExactIndex other = new(copy);
        Assert.That(
            () => GradientEstimators.Create(options, Setting(), other), Throws.ArgumentException.With.Message.Contains("other items"));
    }

    [Test]
    public void Parts_that_are_missing_or_empty_are_refused()
    {
        using Matrix none = new(0, 7);
        using (Assert.EnterMultipleScope())
        {
            foreach (EstimatorSetting setting in new[]
            {
                Setting() with { Items = null! }, Setting() with { Rewards = null! }, Setting() with { Team = null! },
                Setting() with { BatchSize = 0 }, Setting() with { BatchSize = -1 }, Setting() with { Items = none },
            })
            {
                Assert.That(() => GradientEstimators.Create(new UniformOptions(), setting), Throws.InstanceOf<ArgumentException>());
            }

            Assert.That(() => GradientEstimators.Create(null!, Setting()), Throws.ArgumentNullException);
            Assert.That(() => GradientEstimators.Create(new ExactOptions(), null!), Throws.ArgumentNullException);
            Assert.That(() => new RewardFunction(-1, (_, _) => 0), Throws.InstanceOf<ArgumentException>());
            Assert.That(() => new RewardFunction(1, null!), Throws.ArgumentNullException);
            Assert.That(() => new SessionReward(SparseRows.FromLists([[1, 2], [4, 4]])), Throws.ArgumentException);
            Assert.That(() => new SessionReward(SparseRows.FromLists([[5, 2]])), Throws.ArgumentException);
            Assert.That(() => new SessionReward(SparseRows.FromLists([[-1]])), Throws.ArgumentException);
        }
    }

    [Test]
    public void A_batch_that_does_not_fit_is_refused(
        [ValueSource(typeof(EstimatorKinds), nameof(EstimatorKinds.All))] EstimatorOptions options)
    {
        using IGradientEstimator estimator = _problem.Estimator(options, _problem.Rewards(RewardKind.Dense), batchSize: 3);
        using EstimatorBatch batch = _problem.Batch([0, 1, 2], 0), large = _problem.Batch([0, 1, 2, 3], 0);
        using Matrix fits = new(4, 7), few = new(2, 7), narrow = new(4, 6), wide = new(4, 8);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(() => estimator.Estimate(large, fits), Throws.InstanceOf<ArgumentException>(), "a batch too large");
            Assert.That(() => estimator.Estimate(batch, few), Throws.InstanceOf<ArgumentException>(), "too few gradients");
            Assert.That(() => estimator.Estimate(batch, narrow), Throws.InstanceOf<ArgumentException>(), "narrow gradients");
            Assert.That(() => estimator.Estimate(batch, wide), Throws.InstanceOf<ArgumentException>(), "wide gradients");
            Assert.That(() => estimator.Estimate(null!, fits), Throws.ArgumentNullException);
            Assert.That(() => estimator.Estimate(batch, null!), Throws.ArgumentNullException);
            Assert.That(() => batch.Set([0, 1, 2, 3], 0), Throws.ArgumentException);
        }

        // It goes on working after all that.
        estimator.Estimate(batch, fits);
    }

    /// <summary>H of another L: a row of it may end before the kernels do.</summary>
    [Test]
    public void Projections_of_another_length_are_refused(
        [ValueSource(typeof(EstimatorKinds), nameof(EstimatorKinds.All))] EstimatorOptions options, [Values(5, 9, 20)] int length)
    {
        using IGradientEstimator estimator = _problem.Estimator(options, _problem.Rewards(RewardKind.Dense));
        using EstimatorBatch batch = new(3, length);
        batch.Set([0, 1, 2], 0);
        using Matrix gradients = new(3, 7);
        Assert.That(() => estimator.Estimate(batch, gradients), Throws.InstanceOf<ArgumentException>());
    }

    /// <summary>A context that is not a number makes the scores so. The step says that, and no reward is asked of an item
    /// that there is not.</summary>
    [Test]
    public void A_projection_that_is_not_finite_ends_the_training(
        [ValueSource(typeof(EstimatorKinds), nameof(EstimatorKinds.All))] EstimatorOptions options,
        [Values(float.NaN, float.PositiveInfinity, float.NegativeInfinity)] float value)
    {
        _problem.Projected.Row(1)[3] = value;
        AssertDiverges(options);
    }

    /// <summary>ε = 0 leaves nothing but the index's answer, and scores that are not numbers find nothing.</summary>
    [Test]
    public void A_mixture_without_uniform_draws_ends_the_training_too([Values] MixtureSampler sampler)
    {
        _problem.Projected.Row(1).Fill(float.NaN);
        AssertDiverges(new MixtureOptions(16, 5, 0, sampler));
    }

    [Test]
    public void A_reward_that_is_not_a_number_ends_the_training(
        [ValueSource(typeof(EstimatorKinds), nameof(EstimatorKinds.All))] EstimatorOptions options)
    {
        foreach (float[] rewards in _problem.Dense)
            Array.Fill(rewards, float.NaN);
        AssertDiverges(options);
    }

    private void AssertDiverges(EstimatorOptions options)
    {
        int strangers = 0;
        RewardFunction rewards = new(8, (context, item) =>
        {
            if ((uint)item < 60)
                return _problem.Dense[context][item];
            Interlocked.Increment(ref strangers);
            return 0;
        });
        using IGradientEstimator estimator = _problem.Estimator(options, rewards);
        TrainingProblem problem = new(_problem.Items, new DenseContexts(_problem.Projected), rewards);
        using Matrix theta = new(7, 7);
        for (int l = 0; l < 7; l++)
            theta.Row(l)[l] = 1;
        float[] before = [.. Enumerable.Range(0, 7).SelectMany(l => theta.Row(l).ToArray())];
        using TrainingStep step = new(problem, estimator, theta, 8, new AdamOptions(), _problem.Team);
        Exception? error = null;
        try
        {
            step.Run([0, 1, 2], 4, 1e-3);
        }
        catch (Exception e) when (e is TrainingDivergedException or ArgumentException or IndexOutOfRangeException)
        {
            error = e;
        }

        using (Assert.EnterMultipleScope())
        {
            Assert.That(strangers, Is.Zero, "rewards asked of items that there are not");
            Assert.That(error, Is.InstanceOf<TrainingDivergedException>());
            Assert.That(Enumerable.Range(0, 7).SelectMany(l => theta.Row(l).ToArray()), Is.EqualTo(before), "Θ");
        }
    }

    private EstimatorSetting Setting() => new(_problem.Items, _problem.Rewards(RewardKind.Dense), 8, 1, _problem.Team);
}
