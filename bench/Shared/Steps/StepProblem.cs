using KernelPolicy.Data;
using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;

namespace KernelPolicy.Bench;

/// <summary>A synthetic catalogue with contexts, and the indexes over it, that steps of several estimators share.</summary>
/// <remarks>Owns all of it, threads included. Not thread-safe.</remarks>
internal sealed class StepProblem : IDisposable
{
    /// <summary>B of every step.</summary>
    public const int BatchSize = 32;

    // Halves of the twenty items that the paper asks of a user at least.
    private const int ItemsPerHalf = 10;

    private readonly SyntheticWorkload _workload;
    private readonly List<HnswIndex> _graphs = [];

    /// <summary>Draws it.</summary>
    /// <param name="items">P.</param>
    /// <param name="dimension">L.</param>
    /// <param name="contexts">N, a multiple of B.</param>
    /// <param name="threads">Threads of steps and searches.</param>
    public StepProblem(int items, int dimension, int contexts, int threads)
    {
        Team = new WorkerTeam(threads);
        _workload = SyntheticWorkload.Create(items, dimension, contexts, ItemsPerHalf, ItemsPerHalf, Seed, Team);
        Training = TrainingProblem.SessionCompletion(_workload.Items, _workload.Histories, _workload.Rewarded);
        Exact = new ExactIndex(_workload.Items);
    }

    /// <summary>Seed of everything that is drawn.</summary>
    public const ulong Seed = 1;

    /// <summary>Threads.</summary>
    public WorkerTeam Team { get; }

    /// <summary>β [P, L], contexts, rewards.</summary>
    public TrainingProblem Training { get; }

    /// <summary>The exact scan.</summary>
    public ExactIndex Exact { get; }

    /// <summary>The graph as it comes, but for efSearch; built once, for whichever comes first, on all processors.</summary>
    public HnswIndex Graph(int efSearch)
    {
        if (_graphs.Count == 0)
        {
            using WorkerTeam builders = new(Environment.ProcessorCount);
            _graphs.Add(HnswIndex.Build(_workload.Items, new HnswOptions { EfSearch = efSearch, Seed = Seed }, builders));
        }

        if (_graphs.Find(graph => graph.Options.EfSearch == efSearch) is { } built)
            return built;
        HnswIndex shared = _graphs[0].WithEfSearch(efSearch);
        _graphs.Add(shared);
        return shared;
    }

    /// <summary>The contexts of a batch, in turn, from the first again after the last.</summary>
    public void Contexts(long number, Span<int> contexts)
    {
        for (int i = 0; i < contexts.Length; i++)
            contexts[i] = (int)(((number * contexts.Length) + i) % Training.Contexts.Count);
    }

    /// <summary>h of the first contexts under Θ = I; the caller disposes it.</summary>
    public Matrix Queries(int count)
    {
        Matrix queries = new(count, Training.Items.Columns);
        for (int i = 0; i < count; i++)
            Training.Contexts.Fill(i, queries, i);
        return queries;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (HnswIndex graph in _graphs)
            graph.Dispose();
        Exact.Dispose();
        _workload.Dispose();
        Team.Dispose();
    }
}
