using BenchmarkDotNet.Attributes;
using KernelPolicy.Bench;
using KernelPolicy.Comparison.Figures;
using KernelPolicy.Index;
using KernelPolicy.Policy;

namespace KernelPolicy.Comparison.Cases;

/// <summary>
/// A training step of every estimator on the processor, all threads, B = 32, S = 1000: REINFORCE is the baseline of the ratios, and each
/// step's error stands beside its time. The mixture asks for K = 256; strata for (K, l) = (64, 128) and (8, 16).
/// </summary>
public class EstimatorSteps
{
    private const int Samples = 1000;
    private const int MixtureK = 256;
    private const int ErrorBatches = 16;

    private StepProblem _problem = null!;
    private StepCase _case = null!;

    /// <summary>The sizes.</summary>
    public static IEnumerable<string> Catalogues => ComparedCatalogue.Names;

    /// <summary>PxL.</summary>
    [ParamsSource(nameof(Catalogues))]
    public string Catalogue { get; set; } = "";

    [GlobalSetup(Target = nameof(Reinforce))]
    public void SetUpReinforce() => SetUp(nameof(Reinforce), new ReinforceOptions(Samples));

    [GlobalSetup(Target = nameof(Exact))]
    public void SetUpExact() => SetUp(nameof(Exact), new ExactOptions());

    [GlobalSetup(Target = nameof(Uniform))]
    public void SetUpUniform() => SetUp(nameof(Uniform), new UniformOptions(Samples));

    [GlobalSetup(Target = nameof(MixtureByScan))]
    public void SetUpMixtureByScan() => SetUp(nameof(MixtureByScan), new MixtureOptions(Samples, MixtureK));

    [GlobalSetup(Target = nameof(MixtureByGraph))]
    public void SetUpMixtureByGraph() => SetUp(nameof(MixtureByGraph), new MixtureOptions(Samples, MixtureK), MixtureK);

    [GlobalSetup(Target = nameof(Strata64And128))]
    public void SetUpStrata64And128() => SetUp(nameof(Strata64And128), new StrataOptions(64, 128), 64);

    [GlobalSetup(Target = nameof(Strata8And16))]
    public void SetUpStrata8And16() => SetUp(nameof(Strata8And16), new StrataOptions(8, 16), 16);

    [GlobalCleanup]
    public void CleanUp()
    {
        _case.Dispose();
        _problem.Dispose();
    }

    [Benchmark(Baseline = true)]
    public void Reinforce() => _case.Step();

    [Benchmark]
    public void Exact() => _case.Step();

    [Benchmark]
    public void Uniform() => _case.Step();

    [Benchmark]
    public void MixtureByScan() => _case.Step();

    [Benchmark]
    public void MixtureByGraph() => _case.Step();

    [Benchmark]
    public void Strata64And128() => _case.Step();

    [Benchmark]
    public void Strata8And16() => _case.Step();

    // A graph where an efSearch is given, else the scan.
    private void SetUp(string method, EstimatorOptions options, int? efSearch = null)
    {
        _problem = ComparedCatalogue.Parse(Catalogue).Open();
        IMipsIndex index = efSearch is { } ef ? _problem.Graph(ef) : _problem.Exact;
        _case = new StepCase(_problem, options, index);
        string name = CaseFigures.Name(nameof(EstimatorSteps), method, [Catalogue]);
        CaseFigures.Write(name, CaseFigures.RelativeError, _case.RelativeError(ErrorBatches));
        double search = 0;
        if (options.NeedsIndex)
        {
            SearchFigures figures = SearchFigures.Measure(_problem, index, options.RetrievedItems);
            CaseFigures.Write(name, CaseFigures.Recall, figures.Recall);
            search = figures.Bytes;
        }

        CaseFigures.Write(name, CaseFigures.BytesRead, Bytes(options, search));
    }

    private double Bytes(EstimatorOptions options, double search)
    {
        StepBytes bytes = new(_problem.Training.Items.Rows, _problem.Training.Items.Columns, StepProblem.BatchSize);
        return options switch
        {
            ReinforceOptions reinforce => bytes.Reinforce(reinforce.Samples),
            UniformOptions uniform => bytes.Uniform(uniform.Samples),
            MixtureOptions mixture => bytes.Mixture(mixture.Samples, search),
            StrataOptions strata => bytes.Strata(strata.TopK, strata.Tail, search),
            _ => bytes.Exact,
        };
    }
}
