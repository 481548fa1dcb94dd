using System.Diagnostics;
using KernelPolicy.Cli.Commands;
using KernelPolicy.Cli.Devices;
using KernelPolicy.Cli.Display;
using KernelPolicy.Cli.Options;
using KernelPolicy.Cli.Output;
using KernelPolicy.Cli.Pipeline;
using KernelPolicy.Data;
using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;

namespace KernelPolicy.Cli.Study;

/// <summary>Times the steps of a method, as the `bench` command does, on items whose norms spread like real ones. Keeps the items and the
/// graph of the cell before: the methods of one L share them.</summary>
/// <param name="settings">The study's sizes.</param>
/// <param name="place">Where steps run.</param>
/// <param name="device">What was asked for.</param>
/// <param name="team">Threads.</param>
internal sealed class StepCell(StudySettings settings, StepPlace place, DeviceChoice device, WorkerTeam team) : IDisposable
{
    private const double LearningRate = 1e-4;
    private const int WarmupSteps = 30;

    // Halves of the twenty items that the paper asks of a user at least; fewer where the catalogue is too small to draw them from.
    private const int MostItemsPerHalf = 10;
    private const int ItemsOfCatalogueForOne = 32;

    private SyntheticWorkload? _workload;
    private IMipsIndex? _graph;
    private double _buildSeconds;
    private (StudyCatalogue, int, ulong)? _key;

    /// <summary>The least items that steps can be timed on.</summary>
    public const int FewestItems = ItemsOfCatalogueForOne;

    /// <summary>Measures a cell.</summary>
    public CellResult Measure(StudyCell cell, IRunProgress progress, CancellationToken cancellation)
    {
        long start = Stopwatch.GetTimestamp();
        SyntheticWorkload workload = Turn(cell, progress);
        cancellation.ThrowIfCancellationRequested();
        TrainingProblem problem = TrainingProblem.SessionCompletion(workload.Items, workload.Histories, workload.Rewarded);
        EstimatorOptions estimator = cell.Method.Estimator;
        IndexChoice choice = StudyIndex.Choice(cell.Method);
        TopKPlan plan = place.Plan(choice, workload.Items.Rows, workload.Items.Columns, estimator);
        using ExactIndex scan = new(workload.Items);
        IMipsIndex? index = !estimator.NeedsIndex || plan.IsOnDevice ? null
            : plan.IsGraph ? Graph(choice, problem, cell.Seed, progress, cancellation) : scan;
        using Matrix theta = Theta.Initialise(cell.Dimension, ThetaInitialisation.Identity, 0, cell.Seed);
        using PlacedSteps placed = place.Prepare(
            problem, estimator, TrainingObjective.ExpectedReward, new TrainingOptions { BatchSize = settings.BatchSize, Seed = cell.Seed },
            plan, index, team, progress);
        ITrainingSteps steps = placed.Steps;
        steps.Theta.CopyFrom(theta);
        steps.Push();
        StepTimes times = StepTimes.Measure(
            steps, place.Device, problem.Contexts.Count, LearningRate, Request(cell, choice), WarmupSteps, progress, cancellation);
        steps.Pull();
        return new CellResult
        {
            Cell = cell.Name,
            Kind = cell.Kind,
            Catalogue = cell.Catalogue.Name,
            Items = cell.Catalogue.Items,
            Dim = cell.Dimension,
            Method = cell.Method.Slug,
            Settings = EstimatorText.Settings(estimator),
            TopKBy = plan.Words,
            Seed = cell.Seed,
            Runner = steps.Runner,
            Steps = new StepFigures(
                times.Median, times.Percentile95, times.InBulk, index is null ? double.NaN : times.MedianQuery,
                index is null ? double.NaN : Recall(problem, steps.Theta, index, scan, estimator), plan.IsGraph ? _buildSeconds : 0,
                times.BytesPerStep),
            Seconds = Stopwatch.GetElapsedTime(start).TotalSeconds,
        };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _graph?.Dispose();
        _workload?.Dispose();
    }

    private SyntheticWorkload Turn(StudyCell cell, IRunProgress progress)
    {
        if (_workload is not null && _key == (cell.Catalogue, cell.Dimension, cell.Seed))
            return _workload;
        progress.Begin("catalogue");
        Dispose();
        (_graph, _workload, _key) = (null, null, null);
        int contexts = settings.BatchSize * ((2 * settings.TimedSteps) + WarmupSteps);
        int half = Math.Clamp(cell.Catalogue.Items / ItemsOfCatalogueForOne, 1, MostItemsPerHalf);
        _workload = SyntheticWorkload.Create(cell.Catalogue.Items, cell.Dimension, contexts, half, half, cell.Seed, team);
        _key = (cell.Catalogue, cell.Dimension, cell.Seed);
        return _workload;
    }

    private IMipsIndex Graph(
        IndexChoice choice, TrainingProblem problem, ulong seed, IRunProgress progress, CancellationToken cancellation)
    {
        if (_graph is not null)
            return _graph;
        long start = Stopwatch.GetTimestamp();
        _graph = IndexFactory.Build(choice, isGraph: true, problem.Items, problem.Contexts, seed, team, progress, cancellation);
        _buildSeconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return _graph;
    }

    private BenchRequest Request(StudyCell cell, IndexChoice choice) => new(
        cell.Catalogue.Items, cell.Dimension, settings.BatchSize, settings.TimedSteps, cell.Method.Estimator, choice, device,
        Profile: false, team.Threads, cell.Seed, new OutputChoice(Json: false, Verbose: false));

    private double Recall(TrainingProblem problem, Matrix theta, IMipsIndex index, ExactIndex scan, EstimatorOptions estimator)
    {
        if (index == scan)
            return 1;
        int k = (int)Math.Min(estimator.RetrievedItems, problem.Items.Rows);
        return PolicyFigures.Audit(problem.Contexts, theta, index, scan, k, team).Recall;
    }
}
