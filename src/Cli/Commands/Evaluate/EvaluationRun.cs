using KernelPolicy.Cli.Display;
using KernelPolicy.Cli.Pipeline;
using KernelPolicy.Data;
using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;

namespace KernelPolicy.Cli.Commands;

/// <summary>An evaluation from files to figures.</summary>
internal sealed class EvaluationRun(EvaluateRequest request, IRunProgress progress, CancellationToken cancellation)
{
    private const int RecallK = 20;

    /// <summary>Loads the policy and the users, and measures.</summary>
    /// <exception cref="InvalidDataException">No user is left to evaluate on.</exception>
    public EvaluateReport Execute()
    {
        using WorkerTeam team = new(request.Threads);
        using StoredPolicy stored = StoredPolicy.Load(request.Policy);
        SoftmaxPolicy policy = stored.Policy;
        if (stored.LogRecipe is not null)
            throw new ArgumentException($"The policy {request.Policy} was trained on logged decisions: 'kernelpolicy evaluate-log' is for it.");
        LoadedData data = LoadedData.Load(Recipe(stored), request.Threads, progress, cancellation);
        KnownItems users = KnownItems.Translate(Part(data.Split), data.Interactions.ItemIds, policy);
        if (users.Part.Count == 0)
        {
            throw new InvalidDataException(
                $"No user is left to evaluate on: of {Part(data.Split).Count} users, the policy knows items of none in both halves.");
        }

        using IMipsIndex index = stored.Index(request.Index, team, progress, cancellation);
        progress.Begin("evaluation");
        TrainingProblem problem = TrainingProblem.SessionCompletion(policy.Items, users.Part.Histories, users.Part.Rewarded);
        int[] popularity = PopularityBaseline.Count(
            TrainingMatrix.Build(
                KnownItems.Translate(data.Split.Train, data.Interactions.ItemIds, policy).Part, EmbeddingSource.HistoriesAndRewarded),
            policy.ItemIds.Count);
        using ExactIndex scan = new(problem.Items);
        PolicyFigures figures = PolicyFigures.Measure(problem, policy.Query, index, scan, RecallK, popularity, team, cancellation);
        double popular = PopularityBaseline.Reward(popularity, users.Part.Histories, problem.Rewards);
        progress.End($"reward {TrainingText.Reward(figures.RewardExact)}");
        return new EvaluateReport(
            policy.ItemIds.Count,
            users.Part.Count,
            users.UsersLeftOut,
            users.UnknownItems,
            request.Users,
            index.Kind,
            figures.RewardExact,
            figures.RewardIndex,
            popular,
            users.UnknownItems == 0 && users.UsersLeftOut == 0 ? data.BestPossible(Part(data.Split)) : double.NaN,
            figures.IndexRecall,
            figures.RecallK,
            figures.TopN);
    }

    // Files named on the command line replace those of the training; how users are divided stays that of the training, so
    // that no user of the test was trained on.
    private DataRecipe Recipe(StoredPolicy stored)
    {
        DataRecipe? trained = stored.Recipe;
        if (trained is not null)
            return request.Data.IsSynthetic ? trained : trained with { Source = request.Data };
        return request.Data.IsSynthetic
            ? throw new ArgumentException("The policy does not say what it was trained on; name the users' files with --data.")
            : new DataRecipe(request.Data, new SplitOptions(), 1);
    }

    private SplitPart Part(SessionSplit split) => request.Users switch
    {
        "validation" => split.Validation,
        "train" => split.Train,
        "all" => Together(split),
        _ => split.Test,
    };

    private static SplitPart Together(SessionSplit split)
    {
        SplitPart[] parts = [split.Train, split.Validation, split.Test];
        return new SplitPart(
            [.. parts.SelectMany(part => part.Users)],
            SparseRows.FromLists([.. parts.SelectMany(part => Lists(part.Histories))]),
            SparseRows.FromLists([.. parts.SelectMany(part => Lists(part.Rewarded))]));

        static IEnumerable<IReadOnlyList<int>> Lists(SparseRows rows) =>
            Enumerable.Range(0, rows.Count).Select(row => rows[row].ToArray());
    }
}
