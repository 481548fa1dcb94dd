using System.Diagnostics;
using KernelPolicy.Cli.Devices;
using KernelPolicy.Cli.Display;
using KernelPolicy.Cli.Options;
using KernelPolicy.Cli.Pipeline;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;

namespace KernelPolicy.Cli.Commands;

/// <summary>A training on logged decisions from files to figures.</summary>
internal sealed class LogTrainingRun(TrainLogRequest request, CancellationToken cancellation)
{
    private readonly long _start = Stopwatch.GetTimestamp();
    private bool _hasBegun;

    /// <summary>Whether this training, and not an earlier one in the same folder, can be gone on with.</summary>
    public bool HasCheckpoint => _hasBegun && File.Exists(request.Folder.Checkpoint);

    /// <summary>Loads, embeds, weighs, trains, evaluates and saves.</summary>
    /// <exception cref="OperationCanceledException">It was stopped; once steps have been done there is a checkpoint.</exception>
    public TrainLogReport Execute(IRunProgress progress)
    {
        Directory.CreateDirectory(request.Folder.Root);
        using StepPlace place = StepPlace.Open(request.Device, request.Objective.WithoutReference, progress);
        using WorkerTeam team = new(request.Threads);
        using LoadedLog loaded = LoadedLog.Load(
            request.Log.Source, null, request.Log.Seed, request.Threads, progress, cancellation);
        using LogProblem problem = LogProblem.Make(
            request.Log, request.Embedding, loaded, team, progress, cancellation);
        using ReferencePolicy reference = ReferencePolicy.Load(request.Objective, problem.Items, loaded.Log.ItemIds);
        IRewardSource rewards = Rewards(problem, progress);
        using TrainingCourse course = new(
            new CourseRequest(
                new TrainingProblem(problem.Items, problem.Train.Contexts, rewards), Validation(problem), request.Estimator,
                reference.Objective, request.Training, request.BiasAudit, request.Index, request.Folder, request.Resume),
            place,
            team,
            progress,
            cancellation);
        _hasBegun = true;
        TrainingResult result = course.Run(progress, cancellation);
        OffPolicyReport? evaluation = Evaluate(problem, course, team, progress);
        TrainLogReport report = Report(loaded, problem, course, result, evaluation);
        progress.Begin("files");
        LogTrainingFiles.Save(request, loaded.Log, problem.Kind, course.Query, course.Index, report);
        progress.End(request.Folder.Root);
        return report;
    }

    private IRewardSource Rewards(LogProblem problem, IRunProgress progress)
    {
        LoggedFeedback log = problem.Train.Feedback;
        PropensityWeighting weighting = request.Reward.Weighting(log.Count);
        if (!request.Reward.IsDoublyRobust)
            return new LoggedReward(log, weighting, request.Reward.Translation);
        // What is asked for is fitted, whatever it costs.
        string kind = request.Model.Kind == RewardModelChoice.Auto ? "ridge" : request.Model.Kind;
        IRewardModel model = RewardModelFit.Of(request.Model with { Kind = kind }, problem.Items, problem.Train, progress, cancellation)
            ?? throw new ArgumentException($"{log.Count} training decisions are too few to fit a reward model to the others of each.");
        return new DoublyRobustReward(log, model, weighting);
    }

    /// <summary>Contexts to watch progress by: the reward of the best item is then the IPS value of always taking it.</summary>
    private static TrainingProblem? Validation(LogProblem problem) => problem.Validation.Count == 0
        ? null
        : new TrainingProblem(
            problem.Items, problem.Validation.Contexts, new LoggedReward(problem.Validation.Feedback, PropensityWeighting.Inverse));

    private OffPolicyReport? Evaluate(LogProblem problem, TrainingCourse course, WorkerTeam team, IRunProgress progress)
    {
        LogPart test = problem.Test;
        if (test.Count == 0)
            return null;
        IRewardModel? model = RewardModelFit.Of(request.Model, problem.Items, test, progress, cancellation);
        using IPolicyProbabilities policy = LogEvaluation.Probabilities(
            ProbabilityChoice.Usual, course.Query, course.Index, test.Contexts, request.Log.Seed);
        OffPolicyOptions options = new()
        {
            Confidence = request.Interval.Confidence,
            BootstrapReplicates = request.Interval.Replicates,
            Rewards = request.Interval.Rewards,
            Seed = request.Log.Seed,
            Model = model is null ? null : new ModelledReward(model),
        };
        return LogEvaluation.Run(test.Feedback, policy, options, team, progress, cancellation);
    }

    private TrainLogReport Report(
        LoadedLog loaded, LogProblem problem, TrainingCourse course, TrainingResult result, OffPolicyReport? evaluation) =>
        new(course, result, request.Objective, Stopwatch.GetElapsedTime(_start))
    {
        Decisions = loaded.Log.Count,
        TrainDecisions = problem.Train.Count,
        ValidationDecisions = problem.Validation.Count,
        TestDecisions = problem.Test.Count,
        Contexts = problem.Kind,
        Features = problem.Kind == LogContexts.Features ? loaded.Log.Encoding!.Dimension : 0,
        Propensities = problem.Propensities.Word,
        PropensityLogLikelihood = problem.Propensities.LogLikelihood,
        PropensitiesRaised = problem.Propensities.RowsAtFloor,
        Reward = request.Reward.Words(problem.Train.Count, request.Model.Words(problem.Items.Columns)),
        TestLoggingValue = problem.Test.MeanReward,
        Evaluation = evaluation,
        TrueValues = loaded.Truth is { } truth ? TrueValues.Of(truth, course.Query, problem.Items) : null,
        ValidationLoggingValue = problem.Validation.MeanReward,
    };
}
