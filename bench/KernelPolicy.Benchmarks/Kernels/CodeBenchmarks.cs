using BenchmarkDotNet.Attributes;
using KernelPolicy.Kernels;

namespace KernelPolicy.Benchmarks;

/// <summary>The 8-bit codes that the graph is walked by.</summary>
public class CodeBenchmarks : KernelCase
{
    private readonly CodedQuery _query = new(Dimension);
    private readonly float[] _scores = new float[K];
    private readonly int[] _rows = new int[K];
    private ItemCodes _codes = null!;

    /// <summary>Codes of a query.</summary>
    [Benchmark]
    public void CodeQuery() => _query.Set(Queries.Row(0));

    /// <summary>Scores of K nodes at random places.</summary>
    [Benchmark]
    public void ScoreCodes()
    {
        UniformProposal.Draw(NextDraws, Catalogue, _rows);
        CodeScores.Gather(_query, _codes, _rows, _scores);
    }

    /// <summary>Codes of the catalogue.</summary>
    [Benchmark]
    public void EncodeCatalogue() => ItemCodes.Encode(Items, [], Team).Dispose();

    private protected override void Prepare()
    {
        _codes = ItemCodes.Encode(Items, [], Team);
        _query.Set(Queries.Row(0));
    }
}
