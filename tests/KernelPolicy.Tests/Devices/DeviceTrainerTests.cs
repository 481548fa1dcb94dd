using KernelPolicy.DeviceTraining;
using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;
using NUnit.Framework;

namespace KernelPolicy.Tests.Devices;

/// <summary>A trainer whose steps run on a device, stopped within an epoch and resumed.</summary>
[TestFixtureSource(typeof(DevicePaths), nameof(DevicePaths.Devices))]
public sealed class DeviceTrainerTests(DevicePath path) : DeviceFixture(path)
{
    private static readonly TrainingOptions Options = new()
    {
        Epochs = 2, BatchSize = StepProblem.Batch, Seed = StepProblem.Seed, LearningRate = new LearningRate(StepProblem.Rate), AuditQueries = 0,
    };

    private static IEnumerable<EstimatorOptions> Estimators => [new UniformOptions(32), new MixtureOptions(32, 8), new ExactOptions()];

    [Test]
    public void Stopped_within_an_epoch_and_resumed_theta_is_the_same([ValueSource(nameof(Estimators))] EstimatorOptions estimator, [Values(2, 5)] int stopAfter)
    {
        NotEmulated(stopAfter == 5 || estimator is not UniformOptions);
        string folder = Directory.CreateTempSubdirectory("kernelpolicy-device").FullName;
        try
        {
            TrainingOptions saved = Options with { Epochs = IsEmulated ? 1 : 2, CheckpointPath = System.IO.Path.Combine(folder, "checkpoint") };
            using StepProblem problem = new(40, 5);
            float[] whole = Train(problem, estimator, saved with { CheckpointPath = null }, null, null);
            using CancellationTokenSource stop = new();
            Assert.Throws<OperationCanceledException>(() => Train(problem, estimator, saved, null, (stop, stopAfter)));
            Assert.That(Train(problem, estimator, saved, saved.CheckpointPath, null), Is.EqualTo(whole));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private float[] Train(
        StepProblem problem, EstimatorOptions estimator, TrainingOptions options, string? resume, (CancellationTokenSource Stop, int After)? stop)
    {
        using DeviceTrainingSteps device = new(Device, problem.Problem, estimator, DeviceTrainingOptions.Of(options), problem.Team);
        CountedSteps steps = new(device, done =>
        {
            if (done == stop?.After)
                stop.Value.Stop.Cancel();
        });
        using Trainer trainer = new(problem.Problem, steps, options, problem.Team);
        if (resume is not null)
            trainer.Resume(resume);
        trainer.Run(cancellation: stop?.Stop.Token ?? CancellationToken.None);
        return StepProblem.Values(trainer.Theta);
    }

    /// <summary>Steps of a device, with a call after each that is asked for.</summary>
    private sealed class CountedSteps(ITrainingSteps inner, Action<int> asked) : ITrainingSteps
    {
        private int _count;

        public string EstimatorName => inner.EstimatorName;

        public string Description => inner.Description;

        public string Runner => inner.Runner;

        public bool IsSynchronous => inner.IsSynchronous;

        public bool JoinsRanks => inner.JoinsRanks;

        public IMipsIndex? Index => inner.Index;

        public int RetrievedItems => inner.RetrievedItems;

        public ItemLearning Items => inner.Items;

        public IReadOnlyList<TrainedTable> Tables => inner.Tables;

        public QueryMap Query => inner.Query;

        public IEstimatorMemory? Memory => inner.Memory;

        public IGradientEstimator? Estimator => inner.Estimator;

        public Matrix Theta => inner.Theta;

        public Matrix FirstMoment => inner.FirstMoment;

        public Matrix SecondMoment => inner.SecondMoment;

        public void SetOrder(ReadOnlySpan<int> order) => inner.SetOrder(order);

        public void Run(long first, int count, long number, double learningRate)
        {
            inner.Run(first, count, number, learningRate);
            asked(++_count);
        }

        public StepSums Collect() => inner.Collect();

        public void Pull() => inner.Pull();

        public void Push() => inner.Push();

        public void Dispose()
        {
        }
    }
}
