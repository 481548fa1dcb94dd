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

/// <summary>Times training steps on a synthetic catalogue.</summary>
internal sealed class BenchRun(BenchRequest request, IRunProgress progress, CancellationToken cancellation)
{
    private const double LearningRate = 1e-4;

    // Halves of the twenty items that the paper asks of a user at least.
    private const int ItemsPerHalf = 10;

    // Enough for the runtime to compile the step's methods in their final form.
    private const int WarmupSteps = 30;

    // A step is timed with its own contexts up to this many, lest their memory be what is measured.
    private const int MostContexts = 100_000;

    /// <summary>Draws, builds, steps and measures.</summary>
    public BenchReport Execute()
    {
        using StepPlace place = StepPlace.Open(request.Device, TrainingObjective.ExpectedReward, progress);
        if (request.Profile && place.Device is null)
            throw new ArgumentException($"--profile times the kernels of a device, and simd is none: {place.Decision.Reason}.");
        using WorkerTeam team = new(request.Threads);
        progress.Begin("catalogue");
        long start = Stopwatch.GetTimestamp();
        int contexts = (int)Math.Clamp((long)request.BatchSize * ((2L * request.Steps) + WarmupSteps), request.BatchSize, MostContexts);
        using SyntheticWorkload workload = SyntheticWorkload.Create(
            request.Items, request.Dimension, contexts, ItemsPerHalf, ItemsPerHalf, request.Seed, team);
        double workloadSeconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        progress.End($"{request.Items:N0} items of {request.Dimension} dimensions");

        TrainingProblem problem = TrainingProblem.SessionCompletion(workload.Items, workload.Histories, workload.Rewarded);
        TopKPlan plan = place.Plan(request.Index, workload.Items.Rows, workload.Items.Columns, request.Estimator);
        start = Stopwatch.GetTimestamp();
        using IMipsIndex? index = request.Estimator.NeedsIndex && !plan.IsOnDevice
            ? IndexFactory.Build(request.Index, plan.IsGraph, workload.Items, problem.Contexts, request.Seed, team, progress, cancellation)
            : null;
        double buildSeconds = index is HnswIndex ? Stopwatch.GetElapsedTime(start).TotalSeconds : 0;
        using Matrix theta = Theta.Initialise(request.Dimension, ThetaInitialisation.Identity, 0, request.Seed);
        TrainingOptions training = new() { BatchSize = request.BatchSize, Seed = request.Seed };
        using PlacedSteps placed = place.Prepare(
            problem, request.Estimator, TrainingObjective.ExpectedReward, training, plan, index, team, progress);
        ITrainingSteps steps = placed.Steps;
        steps.Theta.CopyFrom(theta);
        steps.Push();
        StepTimes times = StepTimes.Measure(
            steps, place.Device, problem.Contexts.Count, LearningRate, request, WarmupSteps, progress, cancellation);
        steps.Pull();
        return new BenchReport
        {
            Items = request.Items,
            Dim = request.Dimension,
            BatchSize = request.BatchSize,
            Estimator = steps.EstimatorName,
            EstimatorSettings = EstimatorText.Settings(request.Estimator),
            Index = index?.Kind,
            TopKBy = plan.Words,
            Device = place.Asked,
            DeviceReason = place.Decision.Reason,
            Runner = steps.Runner,
            Threads = request.Threads,
            VectorBits = SimdPath.Width,
            Steps = request.Steps,
            MsPerStep = times.Median,
            MsPerStepP95 = times.Percentile95,
            MsPerStepInBulk = times.InBulk,
            MsQuery = index is null ? double.NaN : times.MedianQuery,
            MsWithoutQuery = request.Estimator.NeedsIndex ? times.MedianWithoutQuery : times.Median,
            Recall = index is null ? double.NaN : Recall(problem, steps.Theta, index, team),
            BytesAllocatedPerStep = times.BytesPerStep,
            LaunchesPerStep = times.Device.Launches,
            UpBytesPerStep = times.Device.UpBytes,
            DownBytesPerStep = times.Device.DownBytes,
            Kernels = times.Kernels,
            PeakRssMb = Mebibytes(Process.GetCurrentProcess().PeakWorkingSet64),
            ItemsMb = Mebibytes(workload.Items.Bytes),
            IndexMb = index is null ? double.NaN : Mebibytes(index.Bytes),
            BuildSeconds = buildSeconds,
            WorkloadSeconds = workloadSeconds,
        };
    }

    private double Recall(TrainingProblem problem, Matrix theta, IMipsIndex index, WorkerTeam team)
    {
        if (index is ExactIndex)
            return 1;
        int k = Math.Clamp(request.Estimator.RetrievedItems, 1, request.Items);
        using ExactIndex exact = new(problem.Items);
        return PolicyFigures.Audit(problem.Contexts, theta, index, exact, k, team).Recall;
    }

    private static double Mebibytes(long bytes) => bytes / (double)(1 << 20);
}
