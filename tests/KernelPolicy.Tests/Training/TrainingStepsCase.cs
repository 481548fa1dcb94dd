using System.Diagnostics;
using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;

namespace KernelPolicy.Tests.Training;

/// <summary>A training by a graph that a guard has to widen, with steps of either kind.</summary>
internal sealed class TrainingStepsCase : IDisposable
{
    // Few links, chosen carelessly, so that a narrow search misses much; the guard may score the whole catalogue.
    private static readonly HnswOptions Poor = new()
    {
        M = 4, EfConstruction = 4, EfSearch = 1, LongestAsStarts = 0, InnerProductLinks = 0, Metric = HnswMetric.NormAugmented,
    };

    private readonly HnswIndex _graph;
    private readonly GuardedIndex _guard;

    public TrainingStepsCase(TrainingOptions options, EstimatorOptions estimator)
    {
        Options = options;
        Problem = new SmallProblem();
        _graph = HnswIndex.Build(Problem.Factors, Poor, Problem.Team);
        _guard = new GuardedIndex(_graph, 1);
        Estimator = GradientEstimators.Create(
            estimator, new EstimatorSetting(Problem.Factors, Problem.Train.Rewards, options.BatchSize, options.Seed, Problem.Team), _guard);
    }

    public TrainingOptions Options { get; }

    public SmallProblem Problem { get; }

    public IGradientEstimator Estimator { get; }

    public DeferredSteps Steps(Action<int>? asked = null, IGradientEstimator? estimator = null) =>
        new(Problem.Train, estimator ?? Estimator, Options, Problem.Team) { Asked = asked ?? (_ => { }) };

    public Trainer Trainer(ITrainingSteps steps) => new(Problem.Train, steps, Options, Problem.Team, Problem.Validation, _guard);

    public (TrainingResult Result, float[] Theta) Train(
        ITrainingSteps steps, string? resume = null, CancellationToken cancellation = default)
    {
        using Trainer trainer = Trainer(steps);
        return Finish(trainer, resume, cancellation);
    }

    /// <summary>Trains by the constructor that makes the steps itself.</summary>
    public (TrainingResult Result, float[] Theta) Plain(string? resume = null)
    {
        using Trainer trainer = new(Problem.Train, Estimator, Options, Problem.Team, Problem.Validation, _guard);
        return Finish(trainer, resume, CancellationToken.None);
    }

    public void Dispose()
    {
        Estimator.Dispose();
        _guard.Dispose();
        _graph.Dispose();
        Problem.Dispose();
    }

    private static (TrainingResult Result, float[] Theta) Finish(Trainer trainer, string? resume, CancellationToken cancellation)
    {
        if (resume is not null)
            trainer.Resume(resume);
        TrainingResult result = trainer.Run(cancellation: cancellation);
        return (result, DeferredSteps.Values(trainer.Theta));
    }
}

/// <summary>An index that takes its time.</summary>
internal sealed class SlowIndex(IMipsIndex inner) : IMipsIndex
{
    /// <summary>Seconds spent in searches.</summary>
    public double Seconds { get; private set; }

    public string Kind => inner.Kind;

    public string Description => inner.Description;

    public Matrix Items => inner.Items;

    public long Bytes => inner.Bytes;

    public void Search(Matrix queries, int count, int k, TopK result, WorkerTeam team, ItemFilter? filter = null)
    {
        long start = Stopwatch.GetTimestamp();
        Thread.Sleep(50);
        inner.Search(queries, count, k, result, team, filter);
        Seconds += Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    public void Dispose()
    {
    }
}
