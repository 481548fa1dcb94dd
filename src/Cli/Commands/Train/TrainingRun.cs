using System.Diagnostics;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using KernelPolicy.Cli.Devices;
using KernelPolicy.Cli.Display;
using KernelPolicy.Cli.Pipeline;
using KernelPolicy.Cli.Ranks;
using KernelPolicy.Data;
using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;

namespace KernelPolicy.Cli.Commands;

/// <summary>A training from files to figures: each line of <see cref="Execute"/> is one call of the library.</summary>
internal sealed class TrainingRun(TrainRequest request, TextWriter error, CancellationToken cancellation)
{
    private readonly long _start = Stopwatch.GetTimestamp();
    private bool _hasBegun;

    /// <summary>Whether this training, and not an earlier one in the same folder, can be gone on with.</summary>
    public bool HasCheckpoint => _hasBegun && File.Exists(request.Folder.Checkpoint);

    /// <summary>Loads, embeds, indexes, trains, measures and saves.</summary>
    /// <returns>What it brought; null on all ranks but the first, which measures and writes for all.</returns>
    /// <exception cref="OperationCanceledException">It was stopped; once steps have been done there is a checkpoint.</exception>
    public TrainReport? Execute(IRunProgress progress)
    {
        using TrainingRanks ranks = TrainingRanks.Open(
            request.Spread, request.Device, request.Resume ? request.Folder.Checkpoint : null, progress);
        return RankGuard.Run(ranks, error, () => Train(ranks, progress), cancellation);
    }

    private TrainReport? Train(TrainingRanks ranks, IRunProgress progress)
    {
        if (ranks.IsFirst)
            Directory.CreateDirectory(request.Folder.Root);
        // First of all: a device that is not there should not be heard of after minutes of reading.
        using StepPlace place = StepPlace.Open(ranks.Place(request.Device), request.Objective.WithoutReference, progress);
        using WorkerTeam team = new(request.Threads);
        LoadedData data = LoadedData.Load(request.Data, request.Threads, progress, cancellation);
        ranks.RequireSame("their data", Fingerprint(data));
        using TrainedCatalogue catalogue = new ItemEmbedding(request.Embedding, request.Data.Seed, team, progress, cancellation)
            .Make(data.Split, ranks);
        using ReferencePolicy reference = ReferencePolicy.Load(request.Objective, catalogue.Items, data.Interactions.ItemIds);
        ContextShares shares = ranks.Divide(data.Split.Train.Count, request.Resume ? request.Folder.Checkpoint : null);
        using TrainingCourse course = new(
            new CourseRequest(
                catalogue.Train(data.Split.Train, shares, request.Training.BatchSize), catalogue.Validation(data.Split.Validation),
                request.Estimator, reference.Objective, request.Training, request.BiasAudit, request.Index, request.Folder, request.Resume)
            {
                Ranks = ranks,
                Shards = catalogue.Shards,
            },
            place,
            team,
            progress,
            cancellation);
        TrainingProblem? test = catalogue.Test(data.Split.Test);
        using IMipsIndex scan = catalogue.Scan();
        // Now, since items that learn are others afterwards.
        double before = test is null ? double.NaN : PolicyFigures.RewardExactly(test, course.Query, scan, team, cancellation);
        _hasBegun = true;
        TrainingResult result = course.Run(progress, cancellation);
        TrainReport? report = test is null ? null : Measure(data, test, scan, course, before, result, team, progress);
        progress.Begin("files");
        TrainingFiles.SavePolicy(request, data, catalogue, course, report?.TestRewardExact ?? double.NaN);
        if (!ranks.IsFirst)
            return null;
        TrainingFiles.Save(request, data, course.Index, report!);
        progress.End(request.Folder.Root);
        return report;
    }

    // A copy of the data that is old on one machine would train in silence.
    private static string Fingerprint(LoadedData data)
    {
        XxHash3 hash = new();
        foreach (SplitPart part in (SplitPart[])[data.Split.Train, data.Split.Validation, data.Split.Test])
        {
            hash.Append(MemoryMarshal.AsBytes(part.Histories.Items));
            hash.Append(MemoryMarshal.AsBytes(part.Rewarded.Items));
        }

        return $"{data.Interactions.Count} interactions of {data.Interactions.UserCount} users with {data.Interactions.ItemCount} items, hash {hash.GetCurrentHashAsUInt64():x16}";
    }

    private static string ItemText(ItemLearning items) =>
        items.Description is { Length: > 0 } words ? words["/items=".Length..] : "frozen";

    private TrainReport Measure(
        LoadedData data, TrainingProblem problem, IMipsIndex scan, TrainingCourse course, double before, TrainingResult result,
        WorkerTeam team, IRunProgress progress)
    {
        (QueryMap query, IMipsIndex index) = (course.Query, course.Index);
        progress.Begin("test");
        SplitPart test = data.Split.Test;
        int[] popularity = data.TrainingPopularity();
        PolicyFigures figures = PolicyFigures.Measure(problem, query, index, scan, request.RecallK, popularity, team, cancellation);
        progress.End($"reward {TrainingText.Reward(before)} before, {TrainingText.Reward(figures.RewardExact)} after");
        return new TrainReport(course, result, request.Objective, Stopwatch.GetElapsedTime(_start))
        {
            Users = data.Interactions.UserCount,
            Interactions = data.Interactions.Count,
            TrainUsers = data.Split.Train.Count,
            ValidationUsers = data.Split.Validation.Count,
            TestUsers = test.Count,
            ItemLearning = ItemText(course.Steps.Items),
            Ranks = RankFigures.Of(course),
            LaunchesPerStep = course.Device.Launches,
            UpBytesPerStep = course.Device.UpBytes,
            DownBytesPerStep = course.Device.DownBytes,
            PopularityTestReward = PopularityBaseline.Reward(popularity, test.Histories, problem.Rewards),
            InitialTestReward = before,
            TestRewardExact = figures.RewardExact,
            TestRewardIndex = figures.RewardIndex,
            BestPossibleTestReward = data.BestPossible(test),
            IndexRecall = figures.IndexRecall,
            IndexRecallK = figures.RecallK,
            TopN = figures.TopN,
        };
    }
}
