using BenchmarkDotNet.Attributes;
using KernelPolicy.Bench;
using KernelPolicy.Comparison.Figures;
using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;

namespace KernelPolicy.Comparison.Cases;

/// <summary>A single recommendation of ten items out of a bundle, projection and checks included, one thread, efSearch 64. The baseline
/// scores every item.</summary>
public class Recommendations
{
    private const int N = 10;
    private const int EfSearch = 64;
    private const int Contexts = 1024;

    private readonly int[] _items = new int[N];
    private readonly float[] _scores = new float[N];
    private readonly ExploredItem[] _slate = new ExploredItem[1];
    private readonly TopK _found = new(1, N);
    private readonly WorkerTeam _alone = new(1);
    private StepProblem _problem = null!;
    private Recommender _recommender = null!;
    private Matrix _contexts = null!;
    private Matrix _query = null!;
    private ItemFilter _half = null!;
    private ExplorationOptions _exploration = null!;
    private string _bundle = "";
    private int _next;

    /// <summary>The sizes.</summary>
    public static IEnumerable<string> Catalogues => ComparedCatalogue.Names;

    /// <summary>PxL.</summary>
    [ParamsSource(nameof(Catalogues))]
    public string Catalogue { get; set; } = "";

    [GlobalSetup]
    public void SetUp() => SetUp(BundleItems.Vectors);

    [GlobalSetup(Target = nameof(RecommendFromCodes))]
    public void SetUpCodes() => SetUp(BundleItems.Codes);

    [GlobalCleanup]
    public void CleanUp()
    {
        _recommender.Dispose();
        File.Delete(_bundle);
        _contexts.Dispose();
        _query.Dispose();
        _problem.Dispose();
        _alone.Dispose();
    }

    /// <summary>The exact scan of one query.</summary>
    [Benchmark(Baseline = true)]
    public void ScanOne()
    {
        _contexts.Row(Next()).CopyTo(_query.Row(0));
        _problem.Exact.Search(_query, 1, N, _found, _alone);
    }

    /// <summary>By a context.</summary>
    [Benchmark]
    public int Recommend() => _recommender.Recommend(_contexts.Row(Next()), _items, _scores);

    /// <summary>By a history, whose items are excluded.</summary>
    [Benchmark]
    public int RecommendToHistory()
    {
        ReadOnlySpan<int> history = _problem.Histories[Next()];
        return _recommender.RecommendTo(history, _items, _scores, new RecommendationScope { Excluded = history });
    }

    /// <summary>Among every other item.</summary>
    [Benchmark]
    public int RecommendFiltered() => _recommender.Recommend(_contexts.Row(Next()), _items, _scores, new RecommendationScope { Allowed = _half });

    /// <summary>Out of a bundle without β.</summary>
    [Benchmark]
    public int RecommendFromCodes() => _recommender.Recommend(_contexts.Row(Next()), _items, _scores);

    /// <summary>One item drawn from the softmax of all, with its propensity; the head of √P items.</summary>
    [Benchmark]
    public ExplorationReport ExploreOne() => _recommender.Explore(_contexts.Row(Next()), _slate, _exploration, (ulong)_next);

    private int Next() => _next++ % Contexts;

    private void SetUp(BundleItems holds)
    {
        _problem = ComparedCatalogue.Parse(Catalogue).Open();
        Matrix items = _problem.Training.Items;
        HnswIndex graph = _problem.Graph(EfSearch);
        _contexts = _problem.Queries(Contexts);
        _query = new Matrix(1, items.Columns);
        _half = ItemFilter.Allow((int)items.Rows, [.. Enumerable.Range(0, (int)items.Rows).Where(item => item % 2 == 0)]);
        _exploration = new ExplorationOptions { HeadItems = (int)Math.Sqrt(items.Rows) };
        _bundle = Path.Combine(Path.GetTempPath(), $"kernelpolicy-{Environment.ProcessId}-{Catalogue}.kpolicy");

        // It owns what it is given: the items are the problem's, and it is left to it to free them.
        SoftmaxPolicy policy = new(
            Theta.Initialise(items.Columns, ThetaInitialisation.Identity, 0, 1), items,
            [.. Enumerable.Range(0, (int)items.Rows).Select(item => $"{item}")], new Dictionary<string, string>(), new Matrix(1, items.Columns));
        ServingBundle.Save(_bundle, policy, graph, holds);
        _recommender = Recommender.Open(_bundle, new RecommenderOptions { EfSearch = EfSearch });

        double recall = SearchFigures.Measure(_problem, graph, N).Recall;
        string[] methods = holds == BundleItems.Codes ? [nameof(RecommendFromCodes)] : [nameof(Recommend)];
        foreach (string method in methods)
            CaseFigures.Write(CaseFigures.Name(nameof(Recommendations), method, [Catalogue]), CaseFigures.Recall, holds == BundleItems.Codes ? RecallOfRequests() : recall);
    }

    // Codes alone order the answer by rounded scores: what that costs, the search itself does not show.
    private double RecallOfRequests()
    {
        long hits = 0;
        for (int i = 0; i < Contexts; i++)
        {
            _contexts.Row(i).CopyTo(_query.Row(0));
            _problem.Exact.Search(_query, 1, N, _found, _alone);
            _recommender.Recommend(_contexts.Row(i), _items, _scores);
            foreach (int item in _found.Items(0))
                hits += _items.Contains(item) ? 1 : 0;
        }

        return (double)hits / (Contexts * N);
    }
}
