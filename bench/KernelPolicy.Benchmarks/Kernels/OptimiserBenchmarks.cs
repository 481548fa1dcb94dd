using BenchmarkDotNet.Attributes;
using KernelPolicy.Kernels;

namespace KernelPolicy.Benchmarks;

/// <summary>Adam: of Θ, and of rows of β that learn.</summary>
public unsafe class OptimiserBenchmarks : KernelCase
{
    private readonly Matrix _theta = new(Dimension, Dimension);
    private readonly Matrix _gradient = new(Dimension, Dimension);
    private readonly Adam _adam = new(Dimension, Dimension, new AdamOptions());
    private readonly LazyAdam _lazy = new(Catalogue, Dimension, new AdamOptions());
    private readonly int[] _rows = new int[Samples];
    private long _t;

    /// <summary>A step of Θ [L, L].</summary>
    [Benchmark]
    public void AdamStep() => _adam.Step(_theta, _gradient, 1e-9, ++_t, Team);

    /// <summary>S rows of β at random places.</summary>
    [Benchmark]
    public void LazyAdamRows()
    {
        UniformProposal.Draw(NextDraws, Catalogue, _rows);
        _lazy.Begin(1e-9, ++_t);
        foreach (int row in _rows)
            _lazy.UpdateRow(Items, row, _gradient.Pointer);
    }

    private protected override void Prepare()
    {
        Fill(_theta);
        Fill(_gradient);
    }
}
