using KernelPolicy.Cli.Display;
using KernelPolicy.Cli.Options;
using KernelPolicy.Cli.Pipeline;
using KernelPolicy.Data;
using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;

namespace KernelPolicy.Cli.Commands;

/// <summary>An off-policy evaluation from files to figures.</summary>
internal sealed class LogEvaluationRun(EvaluateLogRequest request, IRunProgress progress, CancellationToken cancellation)
{
    // Of histories, where there is no trained policy: L of train-log by default.
    private const int UsualDimension = 64;

    /// <summary>Loads policy and log, and evaluates.</summary>
    /// <exception cref="InvalidDataException">A file is bad, or no decision is left.</exception>
    public EvaluateLogReport Execute()
    {
        using WorkerTeam team = new(request.Threads);
        return request.Policy is { } path ? OfTrained(path, team) : OfAnother(team);
    }

    private EvaluateLogReport OfTrained(string path, WorkerTeam team)
    {
        using StoredPolicy stored = StoredPolicy.Load(path);
        SoftmaxPolicy policy = stored.Policy;
        LogRecipe recipe = stored.LogRecipe ?? throw new ArgumentException(
            $"The policy {path} was not trained on logged decisions and does not say how their contexts are made; 'kernelpolicy evaluate' is for it.");
        bool isOwn = request.Log.IsSynthetic || recipe.IsOwn(request.Log);
        // The training's own log stands for itself: its encoding was made of it.
        LogSource source = request.Log.IsSynthetic ? recipe.Source : recipe.SourceFor(request.Log);
        using LoadedLog loaded = LoadedLog.Load(source, policy.ItemIds, recipe.Seed, request.Threads, progress, cancellation);
        string kind = LogContexts.KindOf(source, loaded.Log);
        LogPropensities propensities = LogPropensities.Of(
            loaded.Log, kind, policy.Items, recipe.Seed, team, progress, cancellation);
        string part = request.Decisions == "auto" ? isOwn ? "test" : "all" : request.Decisions;
        using LogPart decisions = LogPart.Take(loaded.Log, Rows(recipe, loaded.Log, part), propensities, kind, policy.Items);
        if (decisions.Count == 0)
            throw new InvalidDataException($"No decision is in the part '{part}': the training kept none for it. --decisions all takes every one.");
        using IMipsIndex index = stored.Index(request.Index, team, progress, cancellation);
        using IPolicyProbabilities probabilities = LogEvaluation.Probabilities(
            request.Probabilities, policy.Query, index, decisions.Contexts, request.Seed);
        IRewardModel? model = RewardModelFit.Of(request.Model, policy.Items, decisions, progress, cancellation);
        OffPolicyReport report = Evaluate(decisions.Feedback, probabilities, model, team);
        TrueValues? values = loaded.Truth is { } truth ? TrueValues.Of(truth, policy.Query, policy.Items) : null;
        return Report(path, part, propensities, decisions.Feedback, values, report);
    }

    private static int[] Rows(LogRecipe recipe, BanditLog log, string part)
    {
        if (part == "all")
            return [.. Enumerable.Range(0, log.Count)];
        BanditSplit split = recipe.Split.Of(log, recipe.Seed);
        return part switch
        {
            "train" => split.Train,
            "validation" => split.Validation,
            _ => split.Test,
        };
    }

    private EvaluateLogReport OfAnother(WorkerTeam team)
    {
        using LoadedLog loaded = LoadedLog.Load(request.Log, null, request.Seed, request.Threads, progress, cancellation);
        BanditLog log = loaded.Log;
        string kind = LogContexts.KindOf(loaded.Source, log);
        // A model that nobody asked for is left out where there is no β to fit it on.
        bool needsModel = request.IsUniform && request.Model.Kind != RewardModelChoice.None
            && (request.Model.Kind != RewardModelChoice.Auto || LogEmbedding.IsPossible(kind, loaded));
        using Matrix? items = needsModel || !log.HasPropensities
            ? LogEmbedding.Make(kind, loaded, log, Embedding(log), request.Seed, team, progress, cancellation)
            : null;
        LogPropensities propensities = LogPropensities.Of(log, kind, items, request.Seed, team, progress, cancellation);
        LoggedFeedback feedback = new(log.Actions, propensities.Values, log.Rewards, log.ItemCount, propensities.Origin);
        using IPolicyProbabilities probabilities = request.IsUniform
            ? new UniformPolicy(log.Count, log.ItemCount)
            : new LoggedActionProbabilities(Column(log), log.ItemCount);
        if (!needsModel || items is null)
            return Report(Name, "all", propensities, feedback, null, Evaluate(feedback, probabilities, null, team));
        using LogPart part = LogPart.Take(log, [.. Enumerable.Range(0, log.Count)], propensities, kind, items);
        IRewardModel? model = RewardModelFit.Of(request.Model, items, part, progress, cancellation);
        return Report(Name, "all", propensities, feedback, null, Evaluate(feedback, probabilities, model, team));
    }

    private static EmbeddingChoice Embedding(BanditLog log) =>
        new(Math.Min(UsualDimension, Math.Min(log.Count, log.ItemCount)), EmbeddingSource.Histories, 1);

    private string Name => request.IsUniform ? "uniform" : $"column {request.Column}";

    /// <summary>π(a_i|x_i) [N], from the column that the user names, in single precision.</summary>
    private double[] Column(BanditLog log)
    {
        // Read as the one feature of the context: unlike a propensity it may be zero, and may be any column.
        using BanditLog read = BanditLogReader.Read(
            request.Log.Files,
            request.Log.Reading with
            {
                FeatureColumns = [request.Column!], CategoryColumns = [], Intercept = false, Items = log.ItemIds, Threads = request.Threads,
            },
            null,
            cancellation);
        string where = $"{string.Join(", ", request.Log.Files)}: column '{request.Column}'";
        if (read.Encoding!.Columns[0].Categories is not null)
            throw new InvalidDataException($"{where} holds texts; expected probabilities in [0, 1].");
        double[] values = new double[read.Count];
        for (int row = 0; row < values.Length; row++)
        {
            values[row] = read.Features!.Row(row)[0];
            if (!(values[row] is >= 0 and <= 1))
                throw new InvalidDataException($"{where} is {values[row]} in decision {row + 1}; expected a probability in [0, 1].");
        }

        return values;
    }

    private OffPolicyReport Evaluate(LoggedFeedback log, IPolicyProbabilities policy, IRewardModel? model, WorkerTeam team) =>
        LogEvaluation.Run(
            log,
            policy,
            new OffPolicyOptions
            {
                Clip = request.Clip,
                Lambda = request.Lambda,
                Confidence = request.Interval.Confidence,
                BootstrapReplicates = request.Interval.Replicates,
                Rewards = request.Interval.Rewards,
                Seed = request.Seed,
                Model = model is null ? null : new ModelledReward(model),
            },
            team,
            progress,
            cancellation);

    private static EvaluateLogReport Report(
        string policy, string part, LogPropensities propensities, LoggedFeedback log, TrueValues? values, OffPolicyReport report) => new(
        policy,
        log.Catalogue,
        log.Count,
        part,
        propensities.Word,
        report[OffPolicyEstimator.LoggingPolicy].Value,
        values,
        report);
}
