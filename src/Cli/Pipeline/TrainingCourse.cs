using KernelPolicy.Cli.Devices;
using KernelPolicy.Cli.Display;
using KernelPolicy.Cli.Options;
using KernelPolicy.Cli.Ranks;
using KernelPolicy.Distributed;
using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;

namespace KernelPolicy.Cli.Pipeline;

/// <summary>What is trained, and how.</summary>
/// <param name="Problem">Contexts and rewards to train on.</param>
/// <param name="Validation">Those to watch progress by.</param>
/// <param name="Estimator">How gradients are estimated.</param>
/// <param name="Objective">What is made large.</param>
/// <param name="Training">Epochs, optimiser, batches, seed.</param>
/// <param name="BiasAudit">How the estimator is audited.</param>
/// <param name="Index">Which index recommends.</param>
/// <param name="Folder">Where checkpoints are.</param>
/// <param name="Resume">Whether to go on from the folder's checkpoint.</param>
internal sealed record CourseRequest(
    TrainingProblem Problem,
    TrainingProblem? Validation,
    EstimatorOptions Estimator,
    TrainingObjective Objective,
    TrainingOptions Training,
    BiasAuditChoice BiasAudit,
    IndexChoice Index,
    RunFolder Folder,
    bool Resume)
{
    /// <summary>The ranks that the training is spread over; null for a training by itself.</summary>
    public TrainingRanks? Ranks { get; init; }

    /// <summary>The shards of the items, where each rank has one; null where this process has all.</summary>
    public SpreadItems? Shards { get; init; }
}

/// <summary>A training from a problem to Θ, with the index, the steps and the device's counts: what all trainings of the tool
/// share, whatever their data.</summary>
internal sealed class TrainingCourse : IDisposable
{
    private readonly Stack<IDisposable> _owned = new();
    private readonly PlacedSteps _placed;
    private readonly Trainer _trainer;

    /// <summary>Builds the index, prepares steps and trainer: everything is as before the first step.</summary>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public TrainingCourse(
        CourseRequest request, StepPlace place, WorkerTeam team, IRunProgress progress, CancellationToken cancellation)
    {
        (Request, Place, Threads) = (request, place, team.Threads);
        try
        {
            TrainingProblem problem = request.Problem;
            Matrix items = request.Shards?.OwnItems ?? problem.Items;
            // All ranks do the same, whose shards differ by an item.
            int parts = request.Shards?.Shards.Ranks ?? 1;
            Plan = place.Plan(request.Index, (problem.Items.Rows + parts - 1) / parts, items.Columns, request.Estimator);
            using Matrix? queries = Plan.IsGraph ? Queries(problem) : null;
            IMipsIndex built = request.Training.Items is LearnedItems && Plan.IsGraph
                ? Own(IndexFactory.BuildMoving(request.Index, items, request.Training.Seed, team, progress))
                : Own(IndexFactory.Build(
                    request.Index, Plan.IsGraph, items, queries, request.Training.Seed, team, progress, cancellation));
            TrainingOptions options = request.BiasAudit.Apply(request.Training, request.Estimator, problem);
            if (request.Shards is { } shards)
            {
                Index = Own(shards.Index(built));
                options = options with { BiasAuditContexts = 0 };
                _placed = Own(StepPlace.PrepareShard(problem, request.Estimator, request.Objective, options, shards, built, team));
                request.Ranks!.Group.WaitedSeconds = () => ((ShardedStrataEstimator)_placed.Steps.Estimator!).JoinSeconds;
            }
            else
            {
                Index = request.Training.AuditQueries > 0 && built is HnswIndex graph ? Own(new GuardedIndex(graph)) : built;
                _placed = Own(place.Prepare(problem, request.Estimator, request.Objective, options, Plan, Index, team, progress, request.Ranks));
            }

            NoteAudit(progress);
            _trainer = Own(new Trainer(problem, _placed.Steps, options, team, request.Validation, Index, Group));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>What was asked for.</summary>
    public CourseRequest Request { get; }

    /// <summary>Where steps run.</summary>
    public StepPlace Place { get; }

    /// <summary>Threads used.</summary>
    public int Threads { get; }

    /// <summary>How the top K of a step is found.</summary>
    public TopKPlan Plan { get; }

    /// <summary>The index, guarded where it is a graph that is audited.</summary>
    public IMipsIndex Index { get; }

    /// <summary>The steps.</summary>
    public ITrainingSteps Steps => _placed.Steps;

    /// <summary>Θ [L, L]: after <see cref="Run"/>, the trained one.</summary>
    public Matrix Theta => _trainer.Theta;

    /// <summary>How a context becomes a query, all that was learnt folded in.</summary>
    public QueryMap Query => _trainer.Query;

    /// <summary>Steps that <see cref="Run"/> has done, those before a resume not counted.</summary>
    public long StepsRun { get; private set; }

    /// <summary>What a step asked of the device.</summary>
    public DeviceFigures Device { get; private set; } = null!;

    /// <summary>Candidates that a search of the graph keeps; null where every item is scanned.</summary>
    public int? EfSearch => Index switch
    {
        GuardedIndex guarded => guarded.Graph?.Options.EfSearch,
        RebuildingIndex { State: { IsExact: false } state } => state.EfSearch,
        HnswIndex graph => graph.Options.EfSearch,
        _ => null,
    };

    /// <summary>Trains, from the checkpoint on where that is asked for and there is one.</summary>
    /// <exception cref="OperationCanceledException">It was stopped; there is a checkpoint.</exception>
    public TrainingResult Run(IRunProgress progress, CancellationToken cancellation)
    {
        Resume(progress);
        DeviceCount count = new(Place.Device);
        long before = _trainer.StepsDone;
        progress.Begin("training");
        TrainingResult result = _trainer.Run(progress, cancellation);
        progress.End($"{result.Steps:N0} steps, {result.TrainSeconds / Math.Max(1, result.Steps) * 1e3:0.00} ms each");
        StepsRun = result.Steps - before;
        Device = count.PerStep(StepsRun);
        return result;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        while (_owned.TryPop(out IDisposable? part))
            part.Dispose();
    }

    // The contexts by which a graph's metric is chosen: those of rank 0, so that all ranks choose the same.
    private Matrix? Queries(TrainingProblem problem)
    {
        if (Request.Shards is not null)
            return null;
        int contexts = problem.Shares.SizeOf(0);
        return Request.Ranks is { Count: > 1 } ranks
            ? ranks.FromFirst(() => IndexFactory.Sample(problem.Contexts, contexts), IndexFactory.SampleSize(contexts), problem.Contexts.Dimension)
            : IndexFactory.Sample(problem.Contexts, contexts);
    }

    private ITrainingGroup? Group => Request.Ranks is { Count: > 1 } ranks ? ranks.Group : null;

    private T Own<T>(T part)
        where T : IDisposable
    {
        _owned.Push(part);
        return part;
    }

    // Who asked for an audit must hear that there is none; where it is only the usual, nobody misses it.
    private void NoteAudit(IRunProgress progress)
    {
        if (Request.Shards is not null && Plan.IsGraph && Request.Training.AuditQueries > 0)
        {
            progress.Begin("index audit");
            progress.End("none: each rank searches a shard of its own");
        }

        if (Request.BiasAudit.Contexts is not > 0 || (_placed.Steps.Estimator is not null && Request.Shards is null))
            return;
        progress.Begin("bias audit");
        progress.End(Request.Shards is null
            ? "none: it compares gradients on the processor, and steps run on a device"
            : "none: it sums over all items, and each rank has a shard of them");
    }

    private void Resume(IRunProgress progress)
    {
        // Rank 0 reads for all.
        bool isThere = File.Exists(Request.Folder.Checkpoint);
        if (Group is { } group)
            isThere = group.Sum(group.Rank == 0 && isThere ? 1 : 0) > 0;
        if (Request.Resume && isThere)
        {
            progress.Begin("checkpoint");
            _trainer.Resume(Request.Folder.Checkpoint);
            progress.End($"goes on after step {_trainer.StepsDone:N0}");
        }
        else if (Group is not { Rank: > 0 })
        {
            File.Delete(Request.Folder.Checkpoint);
        }
    }
}
