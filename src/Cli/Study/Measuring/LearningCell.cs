using System.Diagnostics;
using KernelPolicy.Cli.Devices;
using KernelPolicy.Cli.Display;
using KernelPolicy.Cli.Options;
using KernelPolicy.Cli.Output;
using KernelPolicy.Cli.Pipeline;
using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;

namespace KernelPolicy.Cli.Study;

/// <summary>Measures what a method learns, by the training of the `train` command: R_test before it and after each epoch, by the index
/// that it asks, and the seconds of its steps.</summary>
internal static class LearningCell
{
    private const int AuditRepetitions = 16;

    /// <summary>Trains; goes on from the cell's checkpoint where there is one.</summary>
    /// <param name="cell">The cell.</param>
    /// <param name="data">Its data.</param>
    /// <param name="settings">The study's sizes.</param>
    /// <param name="unfinished">Where its checkpoint is.</param>
    /// <param name="place">Where steps run.</param>
    /// <param name="team">Threads.</param>
    /// <param name="progress">Told how far it is.</param>
    /// <param name="cancellation">Stops between steps; there is a checkpoint then.</param>
    public static CellResult Measure(
        StudyCell cell, StudyData data, StudySettings settings, RunFolder unfinished, StepPlace place, WorkerTeam team,
        IRunProgress progress, CancellationToken cancellation)
    {
        long start = Stopwatch.GetTimestamp();
        // Items that learn are others afterwards, and the next cell wants them as they were.
        using Matrix? copy = cell.Method.Items is LearnedItems ? Copy(data.Items) : null;
        Matrix items = copy ?? data.Items;
        TrainingProblem training = TrainingProblem.SessionCompletion(items, data.Split.Train.Histories, data.Split.Train.Rewarded);
        TrainingProblem test = TrainingProblem.SessionCompletion(items, data.Test.Histories, data.Test.Rewarded);
        Directory.CreateDirectory(unfinished.Root);
        TrainingOptions options = new()
        {
            Epochs = settings.Epochs,
            BatchSize = settings.BatchSize,
            LearningRate = new LearningRate(cell.Catalogue.LearningRate),
            Initialisation = settings.Initialisation,
            Items = cell.Method.Items,
            Seed = cell.Seed,
            CheckpointPath = unfinished.Checkpoint,
        };
        using TrainingCourse course = new(
            new CourseRequest(
                training, test, cell.Method.Estimator, TrainingObjective.ExpectedReward, options, new BiasAuditChoice(null, AuditRepetitions),
                StudyIndex.Choice(cell.Method), unfinished, Resume: true),
            place,
            team,
            progress,
            cancellation);
        CellResult result = new()
        {
            Cell = cell.Name,
            Kind = cell.Kind,
            Catalogue = cell.Catalogue.Name,
            Items = (int)items.Rows,
            Dim = items.Columns,
            Method = cell.Method.Slug,
            Settings = EstimatorText.Settings(cell.Method.Estimator),
            TopKBy = course.Plan.Words,
            Seed = cell.Seed,
            Runner = course.Steps.Runner,
            Seconds = 0,
        };
        try
        {
            LearningFigures figures = Train(course, test, data, team, progress, cancellation);
            return result with { Learning = figures, Seconds = Stopwatch.GetElapsedTime(start).TotalSeconds };
        }
        catch (TrainingDivergedException e)
        {
            return result with { Failure = e.Message, Seconds = Stopwatch.GetElapsedTime(start).TotalSeconds };
        }
    }

    private static LearningFigures Train(
        TrainingCourse course, TrainingProblem test, StudyData data, WorkerTeam team, IRunProgress progress, CancellationToken cancellation)
    {
        TrainingResult result = course.Run(progress, cancellation);
        List<LearningPoint> points = [new(0, 0, result.InitialValidationReward, Error(result.GradientAudits.FirstOrDefault(a => a.Epoch == 0)))];
        double seconds = 0;
        foreach (EpochResult epoch in result.Epochs)
        {
            seconds += epoch.Seconds;
            points.Add(new LearningPoint(epoch.Epoch, seconds, epoch.ValidationReward, Error(epoch.Gradient)));
        }

        bool isExact = course.Index is ExactIndex or GuardedIndex { State.IsExact: true };
        double exact = isExact ? points[^1].Reward : PolicyFigures.RewardExactly(test, course.Query, team, cancellation);
        return new LearningFigures(
            points, exact, data.Test.Count, data.Split.Train.Count, result.Steps / Math.Max(1, result.Epochs.Count), data.BestPossible);
    }

    private static double Error(GradientAudit? audit) => audit?.RelativeError ?? double.NaN;

    private static Matrix Copy(Matrix items)
    {
        Matrix copy = new(items.Rows, items.Columns);
        copy.CopyFrom(items);
        return copy;
    }
}
