using KernelPolicy.Index;
using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>What the policy recommends: for all contexts of a problem, batch by batch, the top N by an index.</summary>
/// <remarks>Not thread-safe. Allocates nothing per batch.</remarks>
internal sealed class RecommendationPass : IDisposable
{
    private const int BatchSize = 256;

    private readonly TrainingProblem _problem;
    private readonly WorkerTeam _team;
    private readonly ContextBatch _contexts;
    private readonly Projection _projection = new();
    private readonly int[] _batch = new int[BatchSize];

    public RecommendationPass(TrainingProblem problem, int topN, WorkerTeam team)
    {
        _problem = problem;
        _team = team;
        TopN = Math.Min(topN, checked((int)problem.Items.Rows));
        _contexts = new ContextBatch(problem.Contexts, BatchSize);
        Queries = new Matrix(BatchSize, problem.Items.Columns);
        Found = new TopK(BatchSize, TopN);
    }

    /// <summary>N, at most P.</summary>
    public int TopN { get; }

    /// <summary>h of the contexts of the last batch.</summary>
    public Matrix Queries { get; }

    /// <summary>The answers for the last batch.</summary>
    public TopK Found { get; }

    /// <summary>Number of batches.</summary>
    public int Batches => (_problem.Contexts.Count + BatchSize - 1) / BatchSize;

    /// <summary>Projects and searches one batch.</summary>
    /// <returns>The contexts of the batch, in the order of the answers.</returns>
    public ReadOnlySpan<int> Run(int batch, QueryMap query, IMipsIndex index)
    {
        int first = batch * BatchSize;
        int count = Math.Min(BatchSize, _problem.Contexts.Count - first);
        for (int i = 0; i < count; i++)
            _batch[i] = first + i;
        _contexts.Fill(_batch.AsSpan(0, count), _team);
        query.Project(_projection, _contexts.Rows, Queries, count, _team);
        index.Search(Queries, count, TopN, Found, _team);
        return _batch.AsSpan(0, count);
    }

    public void Dispose()
    {
        _contexts.Dispose();
        Queries.Dispose();
    }
}
