using BenchmarkDotNet.Attributes;
using KernelPolicy.Kernels;

namespace KernelPolicy.Benchmarks;

/// <summary>The parts of a sampled gradient, for one context: draws, scores of rows at random places, weights, weighted sums.</summary>
public unsafe class SamplingBenchmarks : KernelCase
{
    private readonly int[] _draws = new int[Samples];
    private readonly float[] _values = new float[Samples];
    private readonly float[] _weights = new float[Samples];
    private readonly float[] _logWeights = new float[Samples];
    private readonly float[] _rewards = new float[Samples];
    private readonly float[] _headScores = new float[K];
    private readonly Matrix _sum = new(1, Dimension);
    private readonly MixtureProposal _mixture = new(Catalogue, 0.8, K);
    private int[] _head = [];

    /// <summary>S uniform draws.</summary>
    [Benchmark]
    public void DrawUniform() => UniformProposal.Draw(NextDraws, Catalogue, _draws);

    /// <summary>κ over the head, and the table that tells whether a draw is in it.</summary>
    [Benchmark]
    public void TakeMixtureHead() => _mixture.SetHead(_head, _headScores);

    /// <summary>S draws from the mixture.</summary>
    [Benchmark]
    public int DrawMixture() => _mixture.Draw(NextDraws, Samples, MixtureSampler.Stratified, _draws);

    /// <summary>S uniform draws and the scores of their rows.</summary>
    [Benchmark]
    public void DrawAndScoreRows()
    {
        UniformProposal.Draw(NextDraws, Catalogue, _draws);
        RowScores.Gather(Queries.Pointer, Items, _draws, _values);
    }

    /// <summary>S uniform draws and the weighted sum of their rows.</summary>
    [Benchmark]
    public void DrawAndSumWeightedRows()
    {
        UniformProposal.Draw(NextDraws, Catalogue, _draws);
        WeightedRows.Accumulate(Items, _draws, _values, _sum.Pointer);
    }

    /// <summary>w̄ of S draws.</summary>
    [Benchmark]
    public WeightStatistics SelfNormalise()
    {
        _logWeights.CopyTo(_weights, 0);
        return ImportanceWeights.SelfNormalise(_weights, []);
    }

    /// <summary>w̄ (r − r̄) of S draws.</summary>
    [Benchmark]
    public float CovarianceCoefficients()
    {
        _logWeights.CopyTo(_weights, 0);
        Array.Fill(_rewards, 1f, 0, 20);
        return ImportanceWeights.ToCovarianceCoefficients(_weights, _rewards);
    }

    private protected override void Prepare()
    {
        _head = DrawItems(K);
        RowScores.Gather(Queries.Pointer, Items, _head, _headScores);
        _mixture.SetHead(_head, _headScores);
        RowScores.Gather(Queries.Pointer, Items, DrawItems(Samples), _logWeights);
    }
}
