using System.Diagnostics;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Training;

/// <summary>A trainer whose steps are done only when they are collected gives what one gives whose steps are done at
/// once.</summary>
[TestFixture]
public sealed class TrainingStepsTests
{
    private const int BatchSize = 16;

    private static readonly MixtureOptions Mixture = new(64, 8, 0.2);

    private static readonly TrainingOptions Options = new() { Epochs = 4, BatchSize = BatchSize, LearningRate = new LearningRate(0.02) };

    private string _folder = "";

    private string Path => System.IO.Path.Combine(_folder, "checkpoint");

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("kernelpolicy-steps").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void Deferred_steps_give_the_same_theta_epochs_and_audits(
        [ValueSource(typeof(SmallProblem), nameof(SmallProblem.Estimators))] EstimatorOptions estimator,
        [Values(0, 3)] int auditEvery, [Values(0, 7)] int checkpointEvery)
    {
        TrainingOptions options = Options with
        {
            AuditEverySteps = auditEvery, AuditQueries = 20, CheckpointEverySteps = checkpointEvery, CheckpointPath = Path,
        };
        using TrainingStepsCase plain = new(options, estimator), deferred = new(options, estimator);
        (TrainingResult expected, float[] theta) = plain.Plain();
        using DeferredSteps steps = deferred.Steps();
        (TrainingResult result, float[] same) = deferred.Train(steps);
        Assert.Multiple(() =>
        {
            Assert.That(same, Is.EqualTo(theta));
            Assert.That(steps.DeviceTheta(), Is.EqualTo(theta));
            Assert.That(result.Audits, Is.EqualTo(expected.Audits));
            Assert.That(result.Audits.Any(audit => audit.Check.HasActed));
            Assert.That(Rewards(result), Is.EqualTo(Rewards(expected)));
            Assert.That(steps.Collections, Is.LessThan(steps.Steps), "steps were waited for one by one");

            // Sums of ten rewards of at most 1, in another order: 10 roundings of 10·2^-53 at most, over 10.
            foreach ((EpochResult one, EpochResult other) in result.Epochs.Zip(expected.Epochs))
                Assert.That(one.TrainingReward, Is.EqualTo(other.TrainingReward).Within(10 * Math.Pow(2, -53)));
        });
    }

    [Test]
    public void Without_audits_and_checkpoints_an_epoch_is_collected_once()
    {
        using TrainingStepsCase @case = new(Options with { AuditQueries = 0 }, Mixture);
        using DeferredSteps steps = @case.Steps();
        @case.Train(steps);
        Assert.That((steps.Steps, steps.Collections), Is.EqualTo((40, 4)));
    }

    [Test]
    public void Stopped_anywhere_and_resumed_deferred_or_not_theta_is_the_same(
        [Values(1, 7, 10, 23, 40)] int stopAfter, [Values] bool resumesDeferred)
    {
        TrainingOptions options = Options with { AuditEverySteps = 3, AuditQueries = 20 };
        using TrainingStepsCase whole = new(options, Mixture);
        (TrainingResult expected, float[] theta) = whole.Plain();
        using (TrainingStepsCase stopped = new(options with { CheckpointPath = Path }, Mixture))
        {
            using CancellationTokenSource stop = new();
            using DeferredSteps steps = stopped.Steps(done =>
            {
                if (done == stopAfter)
                    stop.Cancel();
            });
            Assert.Throws<OperationCanceledException>(() => stopped.Train(steps, cancellation: stop.Token));
            Assert.That((steps.Steps, DeferredSteps.Values(steps.Theta)), Is.EqualTo((stopAfter, steps.DeviceTheta())));
        }

        using TrainingStepsCase resumed = new(options with { CheckpointPath = Path }, Mixture);
        using DeferredSteps? second = resumesDeferred ? resumed.Steps() : null;
        (TrainingResult result, float[] same) = second is null ? resumed.Plain(resume: Path) : resumed.Train(second, resume: Path);
        Assert.Multiple(() =>
        {
            Assert.That(same, Is.EqualTo(theta));
            Assert.That(result.Audits, Is.EqualTo(expected.Audits));
            Assert.That(Rewards(result), Is.EqualTo(Rewards(expected)));
            Assert.That(second is null || second.Steps == 40 - stopAfter);
        });
    }

    [Test]
    public void Patience_takes_the_best_theta_on_both_sides()
    {
        TrainingOptions options = Options with { Epochs = 200, Patience = 3 };
        using TrainingStepsCase plain = new(options, new ExactOptions()), deferred = new(options, new ExactOptions());
        (TrainingResult expected, float[] theta) = plain.Plain();
        using DeferredSteps steps = deferred.Steps();
        (TrainingResult result, float[] same) = deferred.Train(steps);
        Assert.Multiple(() =>
        {
            Assert.That(result.StoppedEarly);
            Assert.That((result.BestEpoch, result.Steps), Is.EqualTo((expected.BestEpoch, expected.Steps)));
            Assert.That(same, Is.EqualTo(theta));
            Assert.That(steps.DeviceTheta(), Is.EqualTo(theta));
        });
    }

    [Test]
    public void Divergence_when_collected_leaves_the_last_checkpoint_and_nothing_is_saved_until_a_resume([Values(12, 19)] int step)
    {
        // Step 12 is found not to be finite where step 14 is saved, step 19 at its epoch's end.
        using TrainingStepsCase @case = new(Options with { CheckpointPath = Path, CheckpointEverySteps = 7 }, Mixture);
        using NotFiniteAt broken = new(@case.Estimator, step);
        byte[] before = [];
        using DeferredSteps steps = @case.Steps(
            done => before = done == step + 1 ? File.ReadAllBytes(Path) : before, broken);
        using Trainer trainer = @case.Trainer(steps);
        TrainingDivergedException error = Assert.Throws<TrainingDivergedException>(() => trainer.Run())!;
        Assert.That((error.Step, error.Tensor), Is.EqualTo(((long)step, "gradient of Θ")));
        Assert.That(before, Is.Not.Empty);
        Assert.That(File.ReadAllBytes(Path), Is.EqualTo(before));

        using CancellationTokenSource stop = new();
        stop.Cancel();
        Assert.Throws<InvalidOperationException>(() => trainer.Run(cancellation: stop.Token));
        Assert.That(File.ReadAllBytes(Path), Is.EqualTo(before));

        broken.IsMended = true;
        trainer.Resume(Path);
        Assert.That(trainer.Run().Steps, Is.EqualTo(40));
        using TrainingStepsCase whole = new(Options, Mixture);
        Assert.That(DeferredSteps.Values(trainer.Theta), Is.EqualTo(whole.Plain().Theta));
    }

    [Test]
    public void Seconds_are_those_of_steps_alone([Values] bool isDeferred)
    {
        using TrainingStepsCase @case = new(Options with { AuditQueries = 0 }, new UniformOptions(64));
        SlowIndex slow = new(@case.Problem.Index);
        using DeferredSteps steps = @case.Steps();
        using Trainer trainer = isDeferred
            ? new Trainer(@case.Problem.Train, steps, @case.Options, @case.Problem.Team, @case.Problem.Validation, slow)
            : new Trainer(@case.Problem.Train, @case.Estimator, @case.Options, @case.Problem.Team, @case.Problem.Validation, slow);
        long start = Stopwatch.GetTimestamp();
        TrainingResult result = trainer.Run();
        double all = Stopwatch.GetElapsedTime(start).TotalSeconds;
        Assert.Multiple(() =>
        {
            Assert.That(slow.Seconds, Is.Positive);
            Assert.That(result.TrainSeconds, Is.Positive.And.AtLeast(steps.Seconds).And.AtMost(all - slow.Seconds));
            Assert.That(result.Epochs.Sum(epoch => epoch.Seconds), Is.EqualTo(result.TrainSeconds).Within(1e-9));
        });
    }

    [Test]
    public void Reports_within_an_epoch_wait_for_the_steps_and_carry_the_mean_since_the_last_collection()
    {
        using TrainingStepsCase @case = new(Options with { Epochs = 1, AuditQueries = 0 }, Mixture);
        // Ten steps take a report's tenth of a second and a half.
        using DeferredSteps steps = @case.Steps(_ => Thread.Sleep(15));
        using Trainer trainer = @case.Trainer(steps);
        Checked progress = new(value => Assert.That(value.Batch, Is.EqualTo(steps.Last.Mean)));
        TrainingResult result = trainer.Run(progress);
        Assert.Multiple(() =>
        {
            Assert.That(progress.Count, Is.AtLeast(2).And.InRange(steps.Collections, steps.Collections + 1));
            Assert.That(result.Epochs[0].TrainingReward, Is.Positive);
            Assert.That(trainer.Runner, Is.EqualTo("deferred"));
        });
    }

    [Test]
    public void A_push_that_throws_is_heard_of()
    {
        TrainingOptions options = Options with { CheckpointPath = Path };
        using TrainingStepsCase @case = new(options, Mixture);
        using DeferredSteps steps = @case.Steps();
        @case.Train(steps);
        using Trainer trainer = @case.Trainer(steps);
        steps.PushFault = "no device";
        Assert.That(() => @case.Trainer(steps), Throws.InstanceOf<IOException>().With.Message.EqualTo("no device"));
        Assert.That(() => trainer.Resume(Path), Throws.InstanceOf<IOException>().With.Message.EqualTo("no device"));
        Assert.That(() => trainer.Run(), Throws.InvalidOperationException);
    }

    [Test]
    public void Steps_of_another_shape_are_refused()
    {
        using TrainingStepsCase @case = new(Options, Mixture);
        using Matrix items = new(10, SmallProblem.Dimension + 1);
        TrainingProblem other = TrainingProblem.SessionCompletion(
            items, SparseRows.FromLists([(int[])[1]]), SparseRows.FromLists([(int[])[2]]));
        using DeferredSteps steps = @case.Steps();
        Assert.That(
            () => new Trainer(other, steps, Options, @case.Problem.Team),
            Throws.ArgumentException.With.Message.Contains("[9, 9]").And.Message.Contains("10 dimensions"));
    }

    [Test]
    public void Steps_on_the_processor_are_the_estimator_s_and_allocate_nothing()
    {
        using TrainingStepsCase @case = new(Options, Mixture);
        using Matrix theta = new(SmallProblem.Dimension, SmallProblem.Dimension);
        using TrainingStep step = new(@case.Problem.Train, @case.Estimator, theta, BatchSize, Options.Adam, @case.Problem.Team);
        int[] order = [.. Enumerable.Range(0, 40)];
        step.SetOrder(order);
        int number = 0;
        Allocations.AssertNone(() =>
        {
            step.SetOrder(order);
            step.Run(number % 3 * BatchSize, number % 3 == 2 ? 8 : BatchSize, number++, 1e-3);
            step.Collect();
        });
        step.Run(0, BatchSize, number, 1e-3);
        Assert.Multiple(() =>
        {
            Assert.That(step.Description, Is.EqualTo(@case.Estimator.Description));
            Assert.That((step.EstimatorName, step.RetrievedItems), Is.EqualTo(("mixture", 8)));
            Assert.That(step.Index, Is.SameAs(@case.Estimator.Index));
            Assert.That(step.Runner, Is.EqualTo($"simd {SimdPath.Width}"));
            Assert.That(step.Collect().Mean, Is.EqualTo(step.Statistics));
            Assert.That(step.Collect(), Is.EqualTo(default(StepSums)));
            Assert.That(step.Collect().Mean.MeanReward, Is.NaN);
            Assert.That(() => step.Run(32, 9, 0, 1e-3), Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("8 contexts"));
            Assert.That(() => step.Run(-1, 9, 0, 1e-3), Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("40 contexts"));
            Assert.That(() => step.Run(0, 17, 0, 1e-3), Throws.ArgumentException.With.Message.Contains("17"));
        });
    }

    private static double[] Rewards(TrainingResult result) =>
        [result.InitialValidationReward, .. result.Epochs.Select(epoch => epoch.ValidationReward)];

    private sealed class Checked(Action<TrainingProgress> check) : IProgress<TrainingProgress>
    {
        public int Count { get; private set; }

        public void Report(TrainingProgress value)
        {
            check(value);
            Count++;
        }
    }
}
