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
    private readonly string? _graphFolder;
    private readonly List<HnswIndex> _graphs = [];

    /// <summary>Draws it.</summary>
    /// <param name="items">P.</param>
    /// <param name="dimension">L.</param>
    /// <param name="contexts">N, a multiple of B.</param>
    /// <param name="threads">Threads of steps and searches.</param>
    /// <param name="graphFolder">Where a graph is kept for the next process that needs it; null to keep none.</param>
    public StepProblem(int items, int dimension, int contexts, int threads, string? graphFolder = null)
    {
        _graphFolder = graphFolder;
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

    /// <summary>X of each context.</summary>
    public SparseRows Histories => _workload.Histories;

    /// <summary>The exact scan.</summary>
    public ExactIndex Exact { get; }

    /// <summary>The graph as it comes, but for efSearch; built once, for whichever comes first, on all processors.</summary>
    public HnswIndex Graph(int efSearch)
    {
        if (_graphs.Count == 0)
            _graphs.Add(_graphFolder is null ? Build(efSearch) : LoadOrBuild(efSearch, _graphFolder));
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

    private HnswIndex Build(int efSearch)
    {
        using WorkerTeam builders = new(Environment.ProcessorCount);
        return HnswIndex.Build(_workload.Items, new HnswOptions { EfSearch = efSearch, Seed = Seed }, builders);
    }

    // One that another version has left behind, or that is of other items, is refused, and replaced.
    private HnswIndex LoadOrBuild(int efSearch, string folder)
    {
        string file = Path.Combine(folder, $"synthetic-{_workload.Items.Rows}x{_workload.Items.Columns}.kpindex");
        if (File.Exists(file))
        {
            try
            {
                return HnswIndex.Load(file, _workload.Items);
            }
            catch (InvalidDataException e)
            {
                Console.WriteLine($"{file} is built anew: {e.Message}");
            }
        }

        HnswIndex built = Build(efSearch);
        Directory.CreateDirectory(folder);
        built.Save(file);
        return built;
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
