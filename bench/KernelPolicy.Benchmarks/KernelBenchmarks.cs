using BenchmarkDotNet.Attributes;
using KernelPolicy.Kernels;

namespace KernelPolicy.Benchmarks;

/// <summary>The kernels of a step, one case each, at P = 100,000, L = 100, B = 32, S = 1000, on one thread.</summary>
[MemoryDiagnoser]
public unsafe class KernelBenchmarks
{
    private const int Catalogue = 100_000;
    private const int Dimension = 100;
    private const int BatchSize = 32;
    private const int Samples = 1000;
    private const int K = 256;

    private readonly WorkerTeam _team = new(1);
    private readonly Matrix _items = new(Catalogue, Dimension);
    private readonly Matrix _queries = new(BatchSize, Dimension);
    private readonly Matrix _gradients = new(BatchSize, Dimension);
    private readonly Matrix _theta = new(Dimension, Dimension);
    private readonly Matrix _thetaGradient = new(Dimension, Dimension);
    private readonly Projection _projection = new();
    private readonly OuterProduct _outerProduct = new();
    private readonly Adam _adam = new(Dimension, Dimension, new AdamOptions());
    private readonly TopKScan _scan = new();
    private readonly TopK _found = new(BatchSize, K);
    private readonly SoftmaxPass _pass = new(BatchSize, Dimension);
    private readonly int[] _draws = new int[Samples];
    private readonly float[] _values = new float[Samples];
    private long _step;

    [GlobalSetup]
    public void SetUp()
    {
        foreach (Matrix matrix in (Matrix[])[_items, _queries, _theta])
        {
            for (long row = 0; row < matrix.Rows; row++)
            {
                var draws = new RandomDraws(1, RandomPurpose.Synthetic, row, matrix.Columns);
                for (int column = 0; column < matrix.Columns; column++)
                    matrix.Row(row)[column] = 0.1f * (float)draws.Normal((uint)column);
            }
        }
    }

    [Benchmark]
    public void ProjectBatch() => _projection.Run(_queries, _theta, _gradients, BatchSize, _team);

    [Benchmark]
    public void DrawUniform() => UniformProposal.Draw(new RandomDraws(1, RandomPurpose.Proposal, _step++, 0), Catalogue, _draws);

    [Benchmark]
    public void ScoreRows()
    {
        UniformProposal.Draw(new RandomDraws(1, RandomPurpose.Proposal, _step++, 0), Catalogue, _draws);
        RowScores.Gather(_queries.Pointer, _items, _draws, _values);
    }

    [Benchmark]
    public void SumWeightedRows() => WeightedRows.Accumulate(_items, _draws, _values, _gradients.Pointer);

    [Benchmark]
    public void OuterProducts() => _outerProduct.Run(_queries, _gradients, _thetaGradient, BatchSize, _team);

    [Benchmark]
    public void AdamStep() => _adam.Step(_theta, _thetaGradient, 1e-9, ++_step, _team);

    [Benchmark]
    public void ScanTopK() => _scan.Run(_items, _queries, BatchSize, K, _found, _team);

    [Benchmark]
    public void ExactSoftmaxSums() => _pass.Run(_items, _queries, BatchSize, reward: null, _team);
}
