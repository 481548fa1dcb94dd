using BenchmarkDotNet.Attributes;
using KernelPolicy.Kernels;

namespace KernelPolicy.Benchmarks;

/// <summary>What goes through the whole catalogue: the exact scan, softmax sums, draws from the policy, moments.</summary>
public class CatalogueBenchmarks : KernelCase
{
    private readonly TopKScan _scan = new();
    private readonly TopK _found = new(BatchSize, K);
    private readonly SoftmaxWeights _weights = new();
    private readonly SoftmaxPass _pass = new(BatchSize, Dimension);
    private readonly SoftmaxPass _keeping;
    private readonly double[] _units = new double[Samples];
    private readonly int[] _drawn = new int[Samples];
    private double[] _cumulative = [];

    /// <summary>Makes the pass that keeps its weights.</summary>
    public CatalogueBenchmarks() => _keeping = new SoftmaxPass(BatchSize, Dimension) { KeepWeights = _weights };

    /// <summary>The top K of a batch.</summary>
    [Benchmark]
    public void ScanTopK() => _scan.Run(Items, Queries, BatchSize, K, _found, Team);

    /// <summary>The top 10 of a batch.</summary>
    [Benchmark]
    public void ScanTop10() => _scan.Run(Items, Queries, BatchSize, 10, _found, Team);

    /// <summary>The top 10 of one query: bound by memory.</summary>
    [Benchmark]
    public void ScanTop10OfOne() => _scan.Run(Items, Queries, 1, 10, _found, Team);

    /// <summary>Z and E_π[β] of a batch.</summary>
    [Benchmark]
    public void SoftmaxSums() => _pass.Run(Items, Queries, BatchSize, reward: null, Team);

    /// <summary>The same, with every weight kept for draws.</summary>
    [Benchmark]
    public void SoftmaxSumsKept() => _keeping.Run(Items, Queries, BatchSize, reward: null, Team);

    /// <summary>S draws from the policy of one context, out of the kept weights.</summary>
    [Benchmark]
    public int DrawFromPolicy()
    {
        _weights.Cumulate(0, _keeping.LogZ[0], _cumulative);
        RandomDraws draws = NextDraws;
        for (int s = 0; s < Samples; s++)
            _units[s] = draws.Uniform((uint)s);
        _weights.Draw(0, _cumulative, _units, _drawn);
        return _drawn[^1];
    }

    /// <summary>Σ β and Σ ββᵀ.</summary>
    [Benchmark]
    public void Moments() => CatalogueMoments.Compute(Items, Team).Dispose();

    private protected override void Prepare()
    {
        _keeping.Run(Items, Queries, BatchSize, reward: null, Team);
        _cumulative = new double[_weights.Blocks];
    }
}
