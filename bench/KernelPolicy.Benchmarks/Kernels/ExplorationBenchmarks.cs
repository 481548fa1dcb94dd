using BenchmarkDotNet.Attributes;
using KernelPolicy.Kernels;

namespace KernelPolicy.Benchmarks;

/// <summary>A draw from the softmax of all items by lazy Gumbel noise, its head of √P items being given.</summary>
public unsafe class ExplorationBenchmarks : KernelCase
{
    private const int Head = 316;

    private readonly LazyGumbel _gumbel = new(1 << 14);
    private readonly CandidateHead _head = new(Head, 0, 0);
    private readonly PerturbedItem[] _slate = new PerturbedItem[1];
    private readonly TopK _found = new(1, Head);
    private long _request;

    /// <summary>One item.</summary>
    [Benchmark]
    public LazyGumbelReport DrawOne() => _gumbel.Draw(
        Queries.Pointer, Items, new AllItems(Catalogue), _head, 0, new ExplorationDraws(Seed, _request++), _slate);

    private protected override void Prepare()
    {
        using TopKScan scan = new();
        scan.Run(Items, Queries, 1, Head, _found, Team);
        _head.Set(_found.Items(0), _found.Scores(0), 1, new AllItems(Catalogue), []);
    }
}
