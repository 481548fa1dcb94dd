using BenchmarkDotNet.Attributes;
using KernelPolicy.Kernels;

namespace KernelPolicy.Benchmarks;

/// <summary>Dense products of a batch: H = XΘ, XᵀG, and the plain product that both are made of.</summary>
public unsafe class ProductBenchmarks : KernelCase
{
    private readonly Matrix _gradients = new(BatchSize, Dimension);
    private readonly Matrix _theta = new(Dimension, Dimension);
    private readonly Matrix _result = new(Dimension, Dimension);
    private readonly Projection _projection = new();
    private readonly OuterProduct _outerProduct = new();

    /// <summary>H [B, L] = X [B, L] Θ [L, L].</summary>
    [Benchmark]
    public void ProjectBatch() => _projection.Run(Queries, _theta, _gradients, BatchSize, Team);

    /// <summary>XᵀG [L, L].</summary>
    [Benchmark]
    public void OuterProducts() => _outerProduct.Run(Queries, _gradients, _result, BatchSize, Team);

    /// <summary>[L, L] by [L, L].</summary>
    [Benchmark]
    public void MultiplySquare() => MatrixProduct.Multiply(
        _theta.Pointer, _theta.Stride, 1, _theta.Pointer, _theta.Stride, _result.Pointer, _result.Stride, Dimension, Dimension, Dimension,
        accumulate: false);

    private protected override void Prepare()
    {
        Fill(_theta);
        Fill(_gradients);
    }
}
