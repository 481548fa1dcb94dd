using BenchmarkDotNet.Attributes;
using KernelPolicy.Bench;
using KernelPolicy.Comparison.Figures;
using KernelPolicy.Index;
using KernelPolicy.Kernels;

namespace KernelPolicy.Comparison.Cases;

/// <summary>The search of a batch of 32 queries on all threads, by the exact scan, which is the baseline, and by the graph at some widths.</summary>
public class IndexSearches
{
    private StepProblem _problem = null!;
    private IMipsIndex _index = null!;
    private Matrix _queries = null!;
    private TopK _found = null!;

    /// <summary>The sizes.</summary>
    public static IEnumerable<string> Catalogues => ComparedCatalogue.Names;

    /// <summary>PxL.</summary>
    [ParamsSource(nameof(Catalogues))]
    public string Catalogue { get; set; } = "";

    /// <summary>K.</summary>
    [Params(10, 64, 256)]
    public int K { get; set; }

    [GlobalSetup(Target = nameof(Scan))]
    public void SetUpScan() => SetUp(nameof(Scan), null);

    [GlobalSetup(Target = nameof(GraphAt64))]
    public void SetUpGraphAt64() => SetUp(nameof(GraphAt64), 64);

    [GlobalSetup(Target = nameof(GraphAt256))]
    public void SetUpGraphAt256() => SetUp(nameof(GraphAt256), 256);

    [GlobalCleanup]
    public void CleanUp()
    {
        _queries.Dispose();
        _problem.Dispose();
    }

    [Benchmark(Baseline = true)]
    public void Scan() => Search();

    /// <summary>efSearch 64, or K where that is more.</summary>
    [Benchmark]
    public void GraphAt64() => Search();

    /// <summary>efSearch 256.</summary>
    [Benchmark]
    public void GraphAt256() => Search();

    private void Search() => _index.Search(_queries, StepProblem.BatchSize, K, _found, _problem.Team);

    private void SetUp(string method, int? efSearch)
    {
        _problem = ComparedCatalogue.Parse(Catalogue).Open();
        _index = efSearch is { } ef ? _problem.Graph(ef) : _problem.Exact;
        _queries = _problem.Queries(StepProblem.BatchSize);
        _found = new TopK(StepProblem.BatchSize, K);
        SearchFigures figures = SearchFigures.Measure(_problem, _index, K);
        string name = CaseFigures.Name(nameof(IndexSearches), method, [Catalogue, K]);
        CaseFigures.Write(name, CaseFigures.Recall, figures.Recall);
        CaseFigures.Write(name, CaseFigures.BytesRead, figures.Bytes);
    }
}
