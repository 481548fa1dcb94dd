using KernelPolicy.Kernels;
using KernelPolicy.Policy;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Training;

[TestFixture]
public sealed class TrainerTests
{
    private static readonly TrainingOptions Options = new() { Epochs = 4, BatchSize = 16, LearningRate = new LearningRate(0.02) };

    private string _folder = "";

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("kernelpolicy-trainer").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void Every_estimator_learns([ValueSource(typeof(SmallProblem), nameof(SmallProblem.Estimators))] EstimatorOptions estimator)
    {
        using var problem = new SmallProblem();
        using IGradientEstimator method = problem.Estimator(estimator, Options.BatchSize);
        using var trainer = new Trainer(
            problem.Train, method, Options with { Epochs = 20 }, problem.Team, problem.Validation, problem.Index);
        TrainingResult result = trainer.Run();
        // About a sixth of the right cluster's items are rewarded; Θ = I recommends from the wrong cluster.
        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.InitialValidationReward, Is.LessThan(0.05));
            Assert.That(result.Epochs[^1].ValidationReward, Is.GreaterThan(0.2));
            Assert.That(result.Steps, Is.EqualTo(20 * trainer.StepsPerEpoch));
        }
    }

    [Test]
    public void Theta_is_the_same_at_any_number_of_threads(
        [ValueSource(typeof(SmallProblem), nameof(SmallProblem.Estimators))] EstimatorOptions estimator)
    {
        float[] one = TrainedTheta(estimator, threads: 1);
        foreach (int threads in new[] { 2, 3, 5 })
            Assert.That(TrainedTheta(estimator, threads), Is.EqualTo(one), $"{threads} threads");
    }

    [Test]
    public void A_training_stopped_at_any_step_and_resumed_gives_the_same_theta(
        [ValueSource(typeof(SmallProblem), nameof(SmallProblem.Estimators))] EstimatorOptions estimator,
        [Values(1, 7, 10, 23)] int stopAfter)
    {
        float[] whole = TrainedTheta(estimator, threads: 2);
        string path = Path.Combine(_folder, "checkpoint");
        TrainingOptions options = Options with { CheckpointPath = path };
        using var problem = new SmallProblem();
        using IGradientEstimator method = problem.Estimator(estimator, options.BatchSize);
        TrainingResult resumedResult;
        float[] resumed;
        using (var cancellation = new CancellationTokenSource())
        {
            using IGradientEstimator stopping = new StopAfter(method, stopAfter, cancellation);
            using var first = new Trainer(problem.Train, stopping, options, problem.Team, problem.Validation, problem.Index);
            Assert.Throws<OperationCanceledException>(() => first.Run(cancellation: cancellation.Token));
        }

        using (var second = new Trainer(problem.Train, method, options, problem.Team, problem.Validation, problem.Index))
        {
            second.Resume(path);
            resumedResult = second.Run();
            resumed = Values(second.Theta);
        }

        Assert.That(resumed, Is.EqualTo(whole));
        Assert.That(resumedResult.Epochs.Select(e => e.Epoch), Is.EqualTo(new[] { 1, 2, 3, 4 }));
    }

    [Test]
    public void A_checkpoint_of_another_training_is_refused()
    {
        string path = Path.Combine(_folder, "checkpoint");
        TrainingOptions options = Options with { CheckpointPath = path, Epochs = 1 };
        using var problem = new SmallProblem();
        using IGradientEstimator method = problem.Estimator(new UniformOptions(64), options.BatchSize);
        using (var trainer = new Trainer(problem.Train, method, options, problem.Team))
            trainer.Run();
        using var other = new Trainer(problem.Train, method, options with { Seed = 2 }, problem.Team);
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => other.Resume(path))!;
        Assert.That(error.Message, Does.Contain("seed=1").And.Contain("seed=2"));
    }

    [Test]
    public void A_damaged_checkpoint_is_refused_wherever_the_damage_is()
    {
        string path = Path.Combine(_folder, "checkpoint");
        TrainingOptions options = Options with { CheckpointPath = path, Epochs = 1 };
        using var problem = new SmallProblem();
        using IGradientEstimator method = problem.Estimator(new UniformOptions(64), options.BatchSize);
        using var trainer = new Trainer(problem.Train, method, options, problem.Team);
        trainer.Run();
        byte[] good = File.ReadAllBytes(path);
        string bad = Path.Combine(_folder, "bad");
        for (int i = 0; i < 400; i++)
        {
            var draws = new RandomDraws(3, RandomPurpose.Synthetic, 2, i);
            byte[] bytes = (byte[])good.Clone();
            int at = draws.Below(0, bytes.Length);
            if (i % 4 == 0)
            {
                // Cut after some byte of content: what is cut beyond the last section is padding that nobody reads.
                bytes = bytes[..Math.Min(at, bytes.Length - 600)];
            }
            else
            {
                bytes[at] ^= (byte)(1 + draws.Below(1, 255));
            }

            File.WriteAllBytes(bad, bytes);
            try
            {
                trainer.Resume(bad);
            }
            catch (InvalidDataException e)
            {
                Assert.That(e.Message, Does.Contain(bad));
                continue;
            }

            Assert.That(i % 4, Is.Not.Zero, "a file cut short was accepted");
            Assert.That(IsPadding(good, at), $"a changed byte at {at} was accepted");
        }
    }

    [Test]
    public void Nothing_is_left_behind_when_a_checkpoint_is_written()
    {
        string path = Path.Combine(_folder, "checkpoint");
        using var problem = new SmallProblem();
        using IGradientEstimator method = problem.Estimator(new UniformOptions(64), Options.BatchSize);
        using var trainer = new Trainer(
            problem.Train, method, Options with { CheckpointPath = path, CheckpointEverySteps = 3 }, problem.Team);
        trainer.Run();
        Assert.That(Directory.GetFiles(_folder), Is.EqualTo(new[] { path }));
    }

    [Test]
    public void Divergence_names_step_and_tensor_and_keeps_the_last_checkpoint()
    {
        string path = Path.Combine(_folder, "checkpoint");
        TrainingOptions options = Options with { CheckpointPath = path };
        using var problem = new SmallProblem();
        using IGradientEstimator method = problem.Estimator(new UniformOptions(64), options.BatchSize);
        using IGradientEstimator broken = new NotFiniteAt(method, 12);
        using var trainer = new Trainer(problem.Train, broken, options, problem.Team);
        TrainingDivergedException error = Assert.Throws<TrainingDivergedException>(() => trainer.Run())!;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(error.Step, Is.EqualTo(12));
            Assert.That(error.Tensor, Is.EqualTo("gradient of Θ"));
            Assert.That(error.Message, Does.Contain("step 12"));
        }

        using var resumed = new Trainer(problem.Train, method, options, problem.Team);
        resumed.Resume(path);
        Assert.That(resumed.Run().Steps, Is.EqualTo(4 * resumed.StepsPerEpoch));
    }

    [Test]
    public void Patience_stops_and_takes_the_best_theta()
    {
        using var problem = new SmallProblem();
        using IGradientEstimator method = problem.Estimator(new ExactOptions(), Options.BatchSize);
        TrainingOptions options = Options with { Epochs = 200, Patience = 3 };
        using var trainer = new Trainer(problem.Train, method, options, problem.Team, problem.Validation, problem.Index);
        TrainingResult result = trainer.Run();
        double best = result.Epochs.Max(e => e.ValidationReward);
        using var evaluator = new PolicyEvaluator(problem.Validation, problem.Team);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.StoppedEarly);
            Assert.That(result.Epochs, Has.Count.EqualTo(result.BestEpoch + 3));
            Assert.That(result.Epochs[result.BestEpoch - 1].ValidationReward, Is.EqualTo(best));
            Assert.That(evaluator.Reward(trainer.Theta, problem.Index), Is.EqualTo(best));
        }
    }

    [Test]
    public void Options_out_of_range_are_named()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(() => (Options with { Epochs = 0 }).Validate(), Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("Epochs"));
            Assert.That(() => (Options with { BatchSize = 0 }).Validate(), Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("BatchSize"));
            Assert.That(() => (Options with { LearningRate = new LearningRate(double.NaN) }).Validate(), Throws.InstanceOf<ArgumentOutOfRangeException>());
            Assert.That(() => (Options with { Adam = new AdamOptions(Beta1: 1) }).Validate(), Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("Beta1"));
            Assert.That(() => new MixtureOptions(Epsilon: 1.5).Validate(), Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("Epsilon"));
            Assert.That(() => new MixtureOptions(TopK: 0).Validate(), Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("TopK"));
            Assert.That(() => new UniformOptions(1).Validate(), Throws.InstanceOf<ArgumentOutOfRangeException>());
        }
    }

    [Test]
    public void Schedules_rise_and_fall_as_named()
    {
        var linear = new LearningRate(1, LearningRateSchedule.Linear, WarmupSteps: 10);
        var cosine = new LearningRate(1, LearningRateSchedule.Cosine);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(linear.At(0, 110), Is.EqualTo(0.1).Within(1e-12));
            Assert.That(linear.At(9, 110), Is.EqualTo(1).Within(1e-12));
            Assert.That(linear.At(60, 110), Is.EqualTo(0.5).Within(1e-12));
            Assert.That(cosine.At(50, 100), Is.EqualTo(0.5).Within(1e-12));
            Assert.That(cosine.At(25, 100), Is.EqualTo(0.5 * (1 + Math.Sqrt(0.5))).Within(1e-12));
            Assert.That(new LearningRate(0.3).At(99, 100), Is.EqualTo(0.3));
        }
    }

    private static float[] TrainedTheta(EstimatorOptions estimator, int threads)
    {
        using var problem = new SmallProblem(threads);
        using IGradientEstimator method = problem.Estimator(estimator, Options.BatchSize);
        using var trainer = new Trainer(problem.Train, method, Options, problem.Team);
        trainer.Run();
        return Values(trainer.Theta);
    }

    private static float[] Values(Matrix matrix) =>
        Enumerable.Range(0, (int)matrix.Rows).SelectMany(row => matrix.Row(row).ToArray()).ToArray();

    // Bytes that no reader looks at: those between the end of a section and the next 64-byte boundary, which are zero.
    private static bool IsPadding(byte[] file, int at)
    {
        int from = at / 64 * 64;
        return file.AsSpan(at, from + 64 - at).IndexOfAnyExcept((byte)0) < 0 || (at is >= 20 and < 32);
    }
}
