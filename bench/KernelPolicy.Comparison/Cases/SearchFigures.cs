using KernelPolicy.Bench;
using KernelPolicy.Index;
using KernelPolicy.Kernels;

namespace KernelPolicy.Comparison.Cases;

/// <summary>What a search finds, and what it moves.</summary>
/// <param name="Recall">Share of the exact top K that it found.</param>
/// <param name="Bytes">Bytes that the search of a batch moves.</param>
internal sealed record SearchFigures(double Recall, double Bytes)
{
    private const int Queries = 256;

    /// <summary>Measures on the contexts that steps begin with.</summary>
    public static SearchFigures Measure(StepProblem problem, IMipsIndex index, int k)
    {
        StepBytes bytes = new(problem.Training.Items.Rows, problem.Training.Items.Columns, StepProblem.BatchSize);
        if (index is not HnswIndex graph)
            return new SearchFigures(1, bytes.Scan);
        using Matrix queries = problem.Queries(Queries);
        long before = graph.ScoredNodes;
        double recall = new RecallAudit(Queries, k).Measure(graph, problem.Exact, queries, Queries, k, problem.Team).Recall;
        double scored = (double)(graph.ScoredNodes - before) / Queries;
        return new SearchFigures(recall, bytes.Graph(scored, graph.Options.EfSearch, k, graph.Options.M));
    }
}
