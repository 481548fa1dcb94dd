using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;

namespace KernelPolicy.Cli.Pipeline;

/// <summary>How a policy fares on users it was not trained on.</summary>
/// <param name="RewardExact">Reward of the best item of all.</param>
/// <param name="RewardIndex">Reward of the best item that the index finds.</param>
/// <param name="IndexRecall">Share of the exact top K that the index finds, for queries of this policy.</param>
/// <param name="RecallK">That K.</param>
/// <param name="TopN">Figures of the first N items that the index finds.</param>
internal sealed record PolicyFigures(
    double RewardExact, double RewardIndex, double IndexRecall, int RecallK, IReadOnlyList<TopNFigures> TopN)
{
    private const int AuditedContexts = 256;

    /// <summary>Measures.</summary>
    /// <param name="problem">Contexts and rewards.</param>
    /// <param name="query">Θ and, where there is one, b.</param>
    /// <param name="index">The index under test.</param>
    /// <param name="exact">The scan of all items.</param>
    /// <param name="recallK">K of the recall, cut to the catalogue.</param>
    /// <param name="popularity">How often each item occurs in training.</param>
    /// <param name="team">Threads.</param>
    /// <param name="cancellation">Stops between batches.</param>
    public static PolicyFigures Measure(
        TrainingProblem problem,
        QueryMap query,
        IMipsIndex index,
        IMipsIndex exact,
        int recallK,
        int[] popularity,
        WorkerTeam team,
        CancellationToken cancellation)
    {
        int k = (int)Math.Min(recallK, problem.Items.Rows);
        if (problem.Contexts.Count == 0)
            return new PolicyFigures(double.NaN, double.NaN, double.NaN, k, []);
        using PolicyEvaluator evaluator = new(problem, team);
        PolicyEvaluation byIndex = evaluator.Evaluate(query, index, popularity, cancellation);
        // A guarded index that fell back is no ExactIndex, but scans as one.
        if (index.Kind == exact.Kind || index is GuardedIndex { State.IsExact: true })
            return new PolicyFigures(byIndex.Reward, byIndex.Reward, 1, k, byIndex.TopN);
        double reward = evaluator.Reward(query, exact, cancellation);
        return new PolicyFigures(
            reward, byIndex.Reward, Audit(problem.Contexts, query, index, exact, k, team).Recall, k, byIndex.TopN);
    }

    /// <summary>Reward of the best item of all; NaN where there are no contexts.</summary>
    public static double RewardExactly(TrainingProblem problem, QueryMap query, WorkerTeam team, CancellationToken cancellation)
    {
        using ExactIndex exact = new(problem.Items);
        return RewardExactly(problem, query, exact, team, cancellation);
    }

    /// <summary>The same by a scan that is at hand.</summary>
    public static double RewardExactly(
        TrainingProblem problem, QueryMap query, IMipsIndex exact, WorkerTeam team, CancellationToken cancellation)
    {
        if (problem.Contexts.Count == 0)
            return double.NaN;
        using PolicyEvaluator evaluator = new(problem, team, [1]);
        return evaluator.Reward(query, exact, cancellation);
    }

    /// <summary>Recall of an index on queries of a policy: the first contexts stand for all.</summary>
    public static RecallResult Audit(
        IContextSource contexts, QueryMap query, IMipsIndex index, IMipsIndex exact, int k, WorkerTeam team)
    {
        int count = Math.Min(contexts.Count, AuditedContexts);
        using Matrix rows = new(count, contexts.Dimension);
        using Matrix queries = new(count, query.Theta.Columns);
        if (contexts is IBatchContextSource spread)
            spread.FillBatch([.. Enumerable.Range(0, count)], rows, team);
        for (int context = 0; context < count && contexts is not IBatchContextSource; context++)
            contexts.Fill(context, rows, context);
        query.Project(new Projection(), rows, queries, count, team);
        return new RecallAudit(count, k).Measure(index, exact, queries, count, k, team);
    }
}
