using KernelPolicy.DeviceTraining;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;
using KernelPolicy.Tests.Estimators;
using KernelPolicy.Tests.Reference;
using KernelPolicy.Tests.Support;
using KernelPolicy.Tests.Training;
using NUnit.Framework;

namespace KernelPolicy.Tests.Objectives;

/// <summary>Trainings with other objectives than the expected reward.</summary>
public sealed class ObjectiveTrainingTests
{
    private static readonly TrainingOptions Options = new()
    {
        Epochs = 15, BatchSize = 16, LearningRate = new LearningRate(0.02, LearningRateSchedule.Linear), Initialisation = ThetaInitialisation.Normal,
    };

    private string _folder = "";

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("kernelpolicy-objective").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    /// <summary>
    /// A policy whose objective is not below the reference's own has λ KL ≤ E_π[r] − E_ref[r] ≤ 1, since rewards are 0 or 1.
    /// Training must get there, from a policy that is far from the reference, by every estimator.
    /// </summary>
    [Test]
    public void A_strong_pull_keeps_the_policy_at_its_reference(
        [ValueSource(typeof(EstimatorKinds), nameof(EstimatorKinds.All))] EstimatorOptions estimator)
    {
        const double Lambda = 20;
        using var problem = new SmallProblem();
        using Matrix reference = Seeded.Matrix(3, SmallProblem.Dimension, SmallProblem.Dimension, 0.5);
        ReferenceObjective objective = new(ObjectiveKind.ExpectedReward, Lambda, Seeded.Wide(reference));
        double[,] contexts = Contexts(problem.Train), items = Seeded.Wide(problem.Factors);
        using Matrix free = Train(problem, estimator, TrainingObjective.ExpectedReward);
        using Matrix pulled = Train(problem, estimator, new TrainingObjective { KlWeight = Lambda, Reference = reference });
        using (Assert.EnterMultipleScope())
        {
            Assert.That(objective.Kl(contexts, Seeded.Wide(free), items), Is.GreaterThan(0.5), "without a pull");
            Assert.That(objective.Kl(contexts, Seeded.Wide(pulled), items), Is.InRange(0, 1 / Lambda), "with it");
        }
    }

    /// <summary>The same of a reference with a bias, which the policy can take with one of its own.</summary>
    [Test]
    public void A_strong_pull_keeps_the_policy_at_a_reference_with_a_bias()
    {
        const double Lambda = 20;
        using var problem = new SmallProblem();
        using Matrix theta = Seeded.Matrix(3, SmallProblem.Dimension, SmallProblem.Dimension, 0.5), bias = Seeded.Matrix(6, 1, SmallProblem.Dimension, 0.5);
        TrainingOptions options = Options with { Items = new CorrectedItems() };
        using IGradientEstimator exact = GradientEstimators.Create(
            new ExactOptions(),
            new EstimatorSetting(problem.Factors, problem.Train.Rewards, options.BatchSize, options.Seed, problem.Team)
            {
                Objective = new TrainingObjective { KlWeight = Lambda, Reference = new QueryMap(theta, bias) },
            });
        using var trainer = new Trainer(problem.Train, exact, options, problem.Team);
        trainer.Run();
        ReferenceObjective wide = new(ObjectiveKind.ExpectedReward, Lambda, Seeded.Wide(theta), Seeded.Wide(bias.Row(0)));
        double[,] contexts = Contexts(problem.Train), items = Seeded.Wide(problem.Factors);
        double[,] trained = Seeded.Wide(trainer.Query.Theta);
        double[] own = Seeded.Wide(trainer.Query.Bias!.Row(0));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(wide.Kl(contexts, trained, items, own), Is.InRange(0, 1 / Lambda));
            Assert.That((wide with { Bias = null }).Kl(contexts, trained, items, own), Is.GreaterThan(1 / Lambda), "the bias matters");
        }
    }

    /// <summary>With no reward left the uniform policy has the largest entropy: λ alone decides, and KL falls.</summary>
    [Test]
    public void A_pull_to_the_uniform_policy_flattens()
    {
        using var problem = new SmallProblem();
        double[,] contexts = Contexts(problem.Train), items = Seeded.Wide(problem.Factors);
        ReferenceObjective entropy = new(ObjectiveKind.ExpectedReward, 1, null);
        using Matrix free = Train(problem, new ExactOptions(), TrainingObjective.ExpectedReward);
        using Matrix pulled = Train(problem, new ExactOptions(), new TrainingObjective { KlWeight = 20 });
        using (Assert.EnterMultipleScope())
        {
            Assert.That(entropy.Kl(contexts, Seeded.Wide(free), items), Is.GreaterThan(0.5));
            Assert.That(entropy.Kl(contexts, Seeded.Wide(pulled), items), Is.InRange(0, 1.0 / 20));
        }
    }

    /// <summary>Rewarded items are of one cluster of two: a policy that knows it and no more gains ln 2 over the uniform one for each
    /// of them. Training must come half of that way.</summary>
    [Test]
    public void The_log_likelihood_rises(
        [ValueSource(typeof(EstimatorKinds), nameof(EstimatorKinds.All))] EstimatorOptions estimator)
    {
        if (estimator is ReinforceOptions)
            return;
        using var problem = new SmallProblem();
        ReferenceObjective objective = new(ObjectiveKind.LogLikelihood, 0, null);
        double[,] contexts = Contexts(problem.Train), items = Seeded.Wide(problem.Factors);
        double[][] rewards = [.. Enumerable.Range(0, SmallProblem.Contexts).Select(c =>
            Enumerable.Range(0, SmallProblem.Items).Select(a => problem.Train.Rewards.RewardedItems(c).Contains(a) ? 1.0 : 0).ToArray())];
        using Matrix theta = Train(problem, estimator, TrainingObjective.LogLikelihood);
        double rewarded = rewards.Sum(r => r.Sum()) / SmallProblem.Contexts, uniform = -Math.Log(SmallProblem.Items) * rewarded;
        double gain = objective.Value(contexts, Seeded.Wide(theta), items, rewards) - uniform;
        Assert.That(gain, Is.GreaterThan(0.5 * Math.Log(2) * rewarded));
    }

    [Test]
    public void A_training_resumes_with_its_own_objective_only()
    {
        string path = Path.Combine(_folder, "checkpoint");
        using var problem = new SmallProblem();
        using Matrix reference = Seeded.Matrix(3, SmallProblem.Dimension, SmallProblem.Dimension, 0.5);
        using Matrix other = Seeded.Matrix(4, SmallProblem.Dimension, SmallProblem.Dimension, 0.5), bias = Seeded.Matrix(5, 1, SmallProblem.Dimension);
        TrainingObjective pull = new() { KlWeight = 0.5, Reference = reference };
        TrainingOptions options = Options with { LearningRate = new LearningRate(0.02), Epochs = 2, CheckpointPath = path };
        using Matrix whole = Train(problem, new UniformOptions(64), pull, options with { CheckpointPath = null, Epochs = 4 });
        Train(problem, new UniformOptions(64), pull, options).Dispose();
        foreach (TrainingObjective stranger in new[]
        {
            TrainingObjective.ExpectedReward, TrainingObjective.LogLikelihood, pull with { KlWeight = 0.25 }, pull with { Reference = other },
            pull with { Reference = new QueryMap(reference, bias) },
            pull with { Reference = null }, pull with { Kind = ObjectiveKind.LogLikelihood },
        })
        {
            Assert.That(
                () => Train(problem, new UniformOptions(64), stranger, options, path), Throws.InstanceOf<InvalidDataException>(), stranger.Description);
        }

        using Matrix resumed = Train(problem, new UniformOptions(64), pull, options with { Epochs = 4 }, path);
        Assert.That(Seeded.Wide(resumed), Is.EqualTo(Seeded.Wide(whole)));
    }

    /// <summary>Logs that differ in their rewards alone, within their sparse items or anywhere.</summary>
    [Test]
    public void A_training_resumes_with_its_own_rewards_only([Values] bool dense)
    {
        string path = Path.Combine(_folder, "checkpoint");
        using var problem = new SmallProblem();
        TrainingOptions options = Options with { Epochs = 1, CheckpointPath = path };
        Trainer Make(double tau, out IGradientEstimator estimator)
        {
            LoggedFeedback log = new(
                Seeded.Items(1, SmallProblem.Contexts, SmallProblem.Items), [.. Enumerable.Repeat(0.01, SmallProblem.Contexts)],
                [.. Enumerable.Repeat(1.0, SmallProblem.Contexts)], SmallProblem.Items);
            IRewardSource rewards = dense
                ? new RewardFunction(SmallProblem.Contexts, (_, item) => (float)(item * tau))
                : new LoggedReward(log, PropensityWeighting.Clipped(tau));
            estimator = GradientEstimators.Create(
                new UniformOptions(64), new EstimatorSetting(problem.Factors, rewards, options.BatchSize, options.Seed, problem.Team));
            return new Trainer(new TrainingProblem(problem.Factors, problem.Train.Contexts, rewards), estimator, options, problem.Team);
        }

        using (Trainer first = Make(0.1, out IGradientEstimator one))
        using (one)
            first.Run();
        using Trainer same = Make(0.1, out IGradientEstimator two), other = Make(0.2, out IGradientEstimator three);
        using (two)
        using (three)
        {
            Assert.That(() => same.Resume(path), Throws.Nothing);
            Assert.That(() => other.Resume(path), Throws.InstanceOf<InvalidDataException>());
        }
    }

    [Test]
    public void A_step_allocates_nothing(
        [ValueSource(typeof(EstimatorKinds), nameof(EstimatorKinds.All))] EstimatorOptions options, [Values] ObjectiveKind kind)
    {
        if (options is ReinforceOptions && kind == ObjectiveKind.LogLikelihood)
            return;
        using var problem = EstimatorCase.Normal(400, 9, 24, threads: 2);
        using ObjectiveCase c = new(problem, kind, PullTo.Reference);
        IRewardSource rewards = problem.Rewards(RewardKind.Sparse);
        using IGradientEstimator estimator = c.Estimator(options, rewards);
        using Matrix theta = Theta.Initialise(9, ThetaInitialisation.Identity, 1, 1);
        using TrainingStep step = new(
            new TrainingProblem(problem.Items, new DenseContexts(problem.Projected), rewards), estimator, theta, 24, new AdamOptions(), problem.Team);
        int[] batch = [.. Enumerable.Range(0, 16)];
        long number = 0;
        Allocations.AssertNone(() => step.Run(number % 3 == 2 ? batch.AsSpan(0, 5) : batch, number++, 1e-3));
    }

    [Test]
    public void What_makes_no_sense_is_refused()
    {
        using var problem = EstimatorCase.Normal(60, 7, 4);
        using Matrix narrow = new(7, 6), tall = new(8, 7), row = new(1, 8), theta = Theta.Initialise(7, ThetaInitialisation.Identity, 1, 1);
        IGradientEstimator Make(TrainingObjective objective, EstimatorOptions? options = null, RewardKind reward = RewardKind.Sparse) =>
            GradientEstimators.Create(
                options ?? new ExactOptions(),
                new EstimatorSetting(problem.Items, problem.Rewards(reward), 4, 1, problem.Team) { Objective = objective }, problem.Index);
        TrainingObjective pull = new() { KlWeight = 1, Reference = theta };
        TrainingStep Step(IGradientEstimator estimator) => new(
            new TrainingProblem(problem.Items, new DenseContexts(problem.Projected), problem.Rewards(RewardKind.Sparse)), estimator, theta, 4,
            new AdamOptions(), problem.Team);
        using (Assert.EnterMultipleScope())
        {
            foreach (double lambda in new[] { -1e-9, double.NaN, double.PositiveInfinity, 1e39 })
            {
                Assert.That(
                    () => Make(new TrainingObjective { KlWeight = lambda }),
                    Throws.InstanceOf<ArgumentOutOfRangeException>().With.Property("ActualValue").EqualTo(lambda).And.Message.Contains("λ"));
            }

            Assert.That(() => Make(new TrainingObjective { Kind = (ObjectiveKind)7 }), Throws.InstanceOf<ArgumentOutOfRangeException>());
            Assert.That(() => Make(null!), Throws.ArgumentNullException);
            Assert.That(
                () => Make(TrainingObjective.LogLikelihood, reward: RewardKind.Dense), Throws.ArgumentException.With.Message.Contains("sparse"));
            Assert.That(
                () => Make(TrainingObjective.LogLikelihood, new ReinforceOptions()), Throws.ArgumentException.With.Message.Contains("REINFORCE"));
            Assert.That(() => Make(pull with { Reference = narrow }), Throws.ArgumentException.With.Message.Contains("[7, 6]"));
            Assert.That(() => Make(pull with { Reference = new QueryMap(theta, row) }), Throws.ArgumentException.With.Message.Contains("[1, 7]"));
            Assert.That(() => Make(pull with { Reference = default(QueryMap) }), Throws.ArgumentNullException);
            using IGradientEstimator own = Make(pull), odd = Make(pull with { Reference = tall });
            Assert.That(() => Step(odd), Throws.ArgumentException.With.Message.Contains("[8, 7]"));
            Assert.That(() => Step(own), Throws.ArgumentException.With.Message.Contains("table that is trained"));
            Assert.That(
                () => problem.Estimate(own, [0], 0), Throws.ArgumentException.With.Message.Contains("reference"), "a batch without h_ref");
            Assert.That(
                () => new DeviceTrainingOptions { Objective = TrainingObjective.LogLikelihood }.Validate(),
                Throws.InstanceOf<NotSupportedException>().With.Message.Contains("log-likelihood"));
            Assert.That(() => new DeviceTrainingOptions { Objective = pull }.Validate(), Throws.InstanceOf<NotSupportedException>());
            Assert.That(() => new DeviceTrainingOptions { Objective = pull with { KlWeight = 0 } }.Validate(), Throws.Nothing);
        }
    }

    private static double[,] Contexts(TrainingProblem problem)
    {
        using Matrix x = new(problem.Contexts.Count, problem.Contexts.Dimension);
        for (int c = 0; c < problem.Contexts.Count; c++)
            problem.Contexts.Fill(c, x, c);
        return Seeded.Wide(x);
    }

    private static Matrix Train(
        SmallProblem problem, EstimatorOptions estimator, TrainingObjective objective, TrainingOptions? options = null, string? resume = null)
    {
        options ??= Options;
        using IGradientEstimator method = GradientEstimators.Create(
            estimator,
            new EstimatorSetting(problem.Factors, problem.Train.Rewards, options.BatchSize, options.Seed, problem.Team) { Objective = objective },
            problem.Index);
        using var trainer = new Trainer(problem.Train, method, options, problem.Team);
        if (resume is not null)
            trainer.Resume(resume);
        trainer.Run();
        Matrix theta = new(trainer.Theta.Rows, trainer.Theta.Columns);
        theta.CopyFrom(trainer.Theta);
        return theta;
    }
}
