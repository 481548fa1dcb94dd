using KernelPolicy.Bench;
using KernelPolicy.Guard.Rules;
using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;

namespace KernelPolicy.Guard.Measuring;

/// <summary>The steps and searches that the guard watches, over one synthetic catalogue: time, memory and quality of each.</summary>
/// <remarks>B = 32. Searches and strata ask for K = 64 with efSearch 64, the mixture for K = 256.</remarks>
internal sealed class GuardedCalls : IDisposable
{
    public const string Reinforce = "REINFORCE";
    public const string Mixture = "mixture";
    public const string Strata = "strata";
    public const string Scan = "exact scan";
    public const string Search = "index search";

    /// <summary>All that is timed.</summary>
    public static IReadOnlyList<string> Names { get; } = [Reinforce, Mixture, Strata, Scan, Search];

    private const int TopK = 64;
    private const int MixtureTopK = 256;
    private const int Contexts = 4096;
    private const int ErrorBatches = 16;
    private const int RecallQueries = 1024;

    private readonly StepProblem _problem;
    private readonly StepCase _reinforce;
    private readonly StepCase _mixture;
    private readonly StepCase _strata;
    private readonly HnswIndex _graph;
    private readonly Matrix _queries;
    private readonly TopK _found = new(StepProblem.BatchSize, TopK);

    /// <summary>Draws the catalogue and builds the graph.</summary>
    /// <param name="items">P.</param>
    /// <param name="dimension">L.</param>
    /// <param name="threads">Threads of steps and searches.</param>
    public GuardedCalls(int items, int dimension, int threads)
    {
        _problem = new StepProblem(items, dimension, Contexts, threads);
        _graph = _problem.Graph(TopK);
        _reinforce = new StepCase(_problem, new ReinforceOptions(), null);
        _mixture = new StepCase(_problem, new MixtureOptions(TopK: MixtureTopK), _problem.Graph(MixtureTopK));
        _strata = new StepCase(_problem, new StrataOptions(TopK), _graph);
        _queries = _problem.Queries(RecallQueries);
    }

    /// <summary>How long the graph took to build.</summary>
    public double BuildSeconds => _graph.Report.Seconds;

    /// <summary>Measures all of it.</summary>
    /// <param name="rounds">Turns of each.</param>
    /// <param name="secondsPerTurn">The least time of a turn.</param>
    public Measurements Measure(int rounds, double secondsPerTurn)
    {
        // Before any step has moved Θ: figures that follow from the seed alone.
        Dictionary<string, double> qualities = new()
        {
            [Mixture] = _mixture.RelativeError(ErrorBatches),
            [Strata] = _strata.RelativeError(ErrorBatches),
            [Search] = new RecallAudit(RecallQueries, TopK).Measure(_graph, _problem.Exact, _queries, RecallQueries, TopK, _problem.Team).Recall,
        };
        Contender[] contenders =
        [
            new(Reinforce, _reinforce.Step), new(Mixture, _mixture.Step), new(Strata, _strata.Step), new(Scan, RunScan), new(Search, RunSearch),
        ];
        Dictionary<string, double> times = Turns.Best(contenders, rounds, secondsPerTurn);
        return new Measurements(times, contenders.ToDictionary(c => c.Name, Turns.Bytes), qualities);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _queries.Dispose();
        _reinforce.Dispose();
        _mixture.Dispose();
        _strata.Dispose();
        _problem.Dispose();
    }

    private void RunScan() => _problem.Exact.Search(_queries, StepProblem.BatchSize, TopK, _found, _problem.Team);

    private void RunSearch() => _graph.Search(_queries, StepProblem.BatchSize, TopK, _found, _problem.Team);
}
