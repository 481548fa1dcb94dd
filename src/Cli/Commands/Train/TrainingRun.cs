using System.Diagnostics;
using KernelPolicy.Cli.Devices;
using KernelPolicy.Cli.Display;
using KernelPolicy.Cli.Output;
using KernelPolicy.Cli.Pipeline;
using KernelPolicy.Data;
using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;

namespace KernelPolicy.Cli.Commands;

/// <summary>A training from files to figures: each line of <see cref="Execute"/> is one call of the library.</summary>
internal sealed class TrainingRun(TrainRequest request, CancellationToken cancellation)
{
    private readonly long _start = Stopwatch.GetTimestamp();
    private bool _hasBegun;

    /// <summary>Whether this training, and not an earlier one in the same folder, can be gone on with.</summary>
    public bool HasCheckpoint => _hasBegun && File.Exists(request.Folder.Checkpoint);

    /// <summary>Loads, embeds, indexes, trains, measures and saves.</summary>
    /// <exception cref="OperationCanceledException">It was stopped; once steps have been done there is a checkpoint.</exception>
    public TrainReport Execute(IRunProgress progress)
    {
        Directory.CreateDirectory(request.Folder.Root);
        // First of all: a device that is not there should not be heard of after minutes of reading.
        using StepPlace place = StepPlace.Open(request.Device, progress);
        using WorkerTeam team = new(request.Threads);
        LoadedData data = LoadedData.Load(request.Data, request.Threads, progress, cancellation);
        using Matrix items = Embed(data.Split, team, progress);
        TrainingProblem training = Problem(items, data.Split.Train);
        TrainingOptions options = request.BiasAudit.Apply(request.Training, request.Estimator, training);
        TopKPlan plan = place.Plan(request.Index, items, request.Estimator);
        using IMipsIndex built = IndexFactory.Build(
            request.Index, plan.IsGraph, items, training.Contexts, request.Data.Seed, team, progress, cancellation);
        using GuardedIndex? guard = request.Training.AuditQueries > 0 && built is HnswIndex graph ? new GuardedIndex(graph) : null;
        IMipsIndex index = guard ?? built;
        using PlacedSteps placed = place.Prepare(training, request.Estimator, options, plan, index, team, progress);
        NoteAudit(placed.Steps, progress);
        using Trainer trainer = new(training, placed.Steps, options, team, Problem(items, data.Split.Validation), index);
        using Matrix initial = new(trainer.Theta.Rows, trainer.Theta.Columns);
        initial.CopyFrom(trainer.Theta);
        Resume(trainer, progress);
        DeviceCount count = new(place.Device);
        long before = trainer.StepsDone;
        TrainingResult result = Train(trainer, progress);
        Ran ran = new(placed.Steps, place, plan, count.PerStep(result.Steps - before));
        TrainReport report = Measure(data, ran, initial, index, result, team, progress);
        progress.Begin("files");
        TrainingFiles.Save(request, data, trainer.Theta, index, report);
        progress.End(request.Folder.Root);
        return report;
    }

    private static TrainingProblem Problem(Matrix items, SplitPart part) =>
        TrainingProblem.SessionCompletion(items, part.Histories, part.Rewarded);

    private Matrix Embed(SessionSplit split, WorkerTeam team, IRunProgress progress)
    {
        progress.Begin("item embeddings");
        SvdResult svd = TruncatedSvd.Compute(
            TrainingMatrix.Build(split.Train, request.Embedding.Source),
            split.ItemCount,
            new SvdOptions
            {
                Rank = request.Embedding.Dimension,
                SingularPower = request.Embedding.SingularPower,
                Seed = request.Data.Seed,
            },
            team,
            new StageProgress<SvdProgress>(at => progress.Advance((double)at.Done / at.Total, "singular value decomposition")),
            cancellation);
        progress.End($"{request.Embedding.Dimension} dimensions");
        return svd.ItemFactors;
    }

    // Who asked for an audit must hear that there is none; where it is only the usual, nobody misses it.
    private void NoteAudit(ITrainingSteps steps, IRunProgress progress)
    {
        if (request.BiasAudit.Contexts is not > 0 || steps.Estimator is not null)
            return;
        progress.Begin("bias audit");
        progress.End("none: it compares gradients on the processor, and steps run on a device");
    }

    private void Resume(Trainer trainer, IRunProgress progress)
    {
        if (request.Resume && File.Exists(request.Folder.Checkpoint))
        {
            progress.Begin("checkpoint");
            trainer.Resume(request.Folder.Checkpoint);
            progress.End($"goes on after step {trainer.StepsDone:N0}");
        }
        else
        {
            File.Delete(request.Folder.Checkpoint);
        }
    }

    private TrainingResult Train(Trainer trainer, IRunProgress progress)
    {
        _hasBegun = true;
        progress.Begin("training");
        TrainingResult result = trainer.Run(progress, cancellation);
        progress.End($"{result.Steps:N0} steps, {result.TrainSeconds / Math.Max(1, result.Steps) * 1e3:0.00} ms each");
        return result;
    }

    private TrainReport Measure(
        LoadedData data, Ran ran, Matrix initial, IMipsIndex index, TrainingResult result, WorkerTeam team, IRunProgress progress)
    {
        Matrix theta = ran.Steps.Theta;
        progress.Begin("test");
        SplitPart test = data.Split.Test;
        TrainingProblem problem = Problem(index.Items, test);
        int[] popularity = data.TrainingPopularity();
        PolicyFigures figures = PolicyFigures.Measure(problem, theta, index, request.RecallK, popularity, team, cancellation);
        double before = PolicyFigures.RewardExactly(problem, initial, team, cancellation);
        progress.End($"reward {TrainingText.Reward(before)} before, {TrainingText.Reward(figures.RewardExact)} after");
        return new TrainReport
        {
            Items = data.Interactions.ItemCount,
            Users = data.Interactions.UserCount,
            Interactions = data.Interactions.Count,
            TrainUsers = data.Split.Train.Count,
            ValidationUsers = data.Split.Validation.Count,
            TestUsers = test.Count,
            Dim = theta.Columns,
            Estimator = ran.Steps.EstimatorName,
            EstimatorSettings = EstimatorText.Settings(request.Estimator),
            Device = ran.Place.Asked,
            DeviceReason = ran.Place.Decision.Reason,
            Runner = ran.Steps.Runner,
            TopKBy = ran.Plan.Words,
            LaunchesPerStep = ran.Device.Launches,
            UpBytesPerStep = ran.Device.UpBytes,
            DownBytesPerStep = ran.Device.DownBytes,
            Index = index.Kind,
            Seed = request.Data.Seed,
            Threads = request.Threads,
            Steps = result.Steps,
            TrainSeconds = result.TrainSeconds,
            MsPerStep = result.TrainSeconds / Math.Max(1, result.Steps) * 1e3,
            TotalSeconds = Stopwatch.GetElapsedTime(_start).TotalSeconds,
            PopularityTestReward = PopularityBaseline.Reward(popularity, test.Histories, problem.Rewards),
            InitialTestReward = before,
            TestRewardExact = figures.RewardExact,
            TestRewardIndex = figures.RewardIndex,
            BestPossibleTestReward = data.BestPossible(test),
            IndexRecall = figures.IndexRecall,
            IndexRecallK = figures.RecallK,
            InitialValidationReward = result.InitialValidationReward,
            IndexEfSearch = index switch
            {
                GuardedIndex guarded => guarded.Graph?.Options.EfSearch,
                HnswIndex graph => graph.Options.EfSearch,
                _ => null,
            },
            IndexAudits = result.Audits,
            IndexWarnings = [.. result.Audits.Where(audit => audit.Check.HasActed).Select(AuditText.Warning)],
            GradientAudits = result.GradientAudits,
            BestEpoch = result.BestEpoch,
            StoppedEarly = result.StoppedEarly,
            Epochs = result.Epochs,
            TopN = figures.TopN,
            PolicyFile = request.Folder.Policy,
            LearningCurveFile = request.Folder.CurvePng,
        };
    }

    /// <summary>The steps after their training: where they ran, how they found their top K, what they asked of a device.</summary>
    private sealed record Ran(ITrainingSteps Steps, StepPlace Place, TopKPlan Plan, DeviceFigures Device);
}
