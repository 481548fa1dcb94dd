using System.Diagnostics;
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
        using TrainingRanks ranks = TrainingRanks.Open(request.Spread, request.Device, progress);
        return RankGuard.Run(ranks, error, cancellation, () => Train(ranks, progress));
    }

    private TrainReport? Train(TrainingRanks ranks, IRunProgress progress)
    {
        if (ranks.IsFirst)
            Directory.CreateDirectory(request.Folder.Root);
        // First of all: a device that is not there should not be heard of after minutes of reading.
        using StepPlace place = StepPlace.Open(ranks.Place(request.Device), request.Objective.WithoutReference, progress);
        using WorkerTeam team = new(request.Threads);
        LoadedData data = LoadedData.Load(request.Data, request.Threads, progress, cancellation);
        using Matrix items = ranks.FromFirst(() => Embed(data.Split, team, progress), data.Split.ItemCount, request.Embedding.Dimension);
        using ReferencePolicy reference = ReferencePolicy.Load(request.Objective, items, data.Interactions.ItemIds);
        ContextShares shares = ranks.Divide(data.Split.Train.Count, request.Resume ? request.Folder.Checkpoint : null);
        using TrainingCourse course = new(
            new CourseRequest(
                Problem(items, data.Split.Train, shares), Validation(items, data.Split.Validation, ranks), request.Estimator, reference.Objective,
                request.Training, request.BiasAudit, request.Index, request.Folder, request.Resume)
            {
                Ranks = ranks,
            },
            place,
            team,
            progress,
            cancellation);
        // Now, since items that learn are others afterwards.
        double before = ranks.IsFirst ? PolicyFigures.RewardExactly(Problem(items, data.Split.Test), course.Query, team, cancellation) : double.NaN;
        _hasBegun = true;
        TrainingResult result = course.Run(progress, cancellation);
        if (!ranks.IsFirst)
            return null;
        TrainReport report = Measure(data, course, before, result, team, progress);
        progress.Begin("files");
        TrainingFiles.Save(request, data, course.Query, course.Index, report);
        progress.End(request.Folder.Root);
        return report;
    }

    private static TrainingProblem Problem(Matrix items, SplitPart part) =>
        TrainingProblem.SessionCompletion(items, part.Histories, part.Rewarded);

    private static TrainingProblem Problem(Matrix items, SplitPart part, ContextShares shares) =>
        TrainingProblem.SessionCompletion(items, shares.Select(part.Histories), shares.Select(part.Rewarded)) with { Shares = shares };

    private static TrainingProblem? Validation(Matrix items, SplitPart part, TrainingRanks ranks) =>
        ranks.Part(part.Count) is { } own ? Problem(items, part, own) : null;

    private static string ItemText(ItemLearning items) =>
        items.Description is { Length: > 0 } words ? words["/items=".Length..] : "frozen";

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

    private TrainReport Measure(
        LoadedData data, TrainingCourse course, double before, TrainingResult result, WorkerTeam team, IRunProgress progress)
    {
        (QueryMap query, IMipsIndex index) = (course.Query, course.Index);
        progress.Begin("test");
        SplitPart test = data.Split.Test;
        TrainingProblem problem = Problem(index.Items, test);
        int[] popularity = data.TrainingPopularity();
        PolicyFigures figures = PolicyFigures.Measure(problem, query, index, request.RecallK, popularity, team, cancellation);
        progress.End($"reward {TrainingText.Reward(before)} before, {TrainingText.Reward(figures.RewardExact)} after");
        return new TrainReport(course, result, request.Objective, Stopwatch.GetElapsedTime(_start))
        {
            Users = data.Interactions.UserCount,
            Interactions = data.Interactions.Count,
            TrainUsers = data.Split.Train.Count,
            ValidationUsers = data.Split.Validation.Count,
            TestUsers = test.Count,
            ItemLearning = ItemText(course.Steps.Items),
            Ranks = RankFigures.Of(course, result),
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
