using BenchmarkDotNet.Attributes;
using KernelPolicy.Kernels;

namespace KernelPolicy.Benchmarks;

/// <summary>The parts of the strata gradient at K = 64, l = 128 and 10 rewarded items: the tail that a batch shares, and head and sums
/// of one context.</summary>
public unsafe class StrataBenchmarks : KernelCase
{
    private const int TopItems = 64;
    private const int Tail = 128;
    private const int Rewarded = 10;

    private readonly SharedTail _shared;
    private readonly StrataHead _head = new(TopItems + Rewarded);
    private readonly Matrix _products = new(BatchSize, Dimension);
    private readonly Matrix _gradient = new(1, Dimension);
    private readonly Projection _projection = new();
    private readonly int[] _tailItems = new int[Tail];
    private readonly int[] _tailRows = [.. Enumerable.Range(0, Tail)];
    private readonly float[] _tailScores = new float[Tail];
    private readonly float[] _headRewards = new float[TopItems + Rewarded];
    private int[] _retrieved = [];
    private float[] _retrievedScores = [];
    private int[] _known = [];
    private CatalogueMoments _moments = null!;
    private StrataGradient _strata = null!;

    /// <summary>Makes the tail.</summary>
    public StrataBenchmarks() => _shared = new SharedTail(Items, Tail);

    /// <summary>l draws of a batch, with their rows.</summary>
    [Benchmark]
    public void DrawSharedTail() => _shared.Draw(NextDraws, Tail);

    /// <summary>M h of a batch, for the control variate.</summary>
    [Benchmark]
    public void ProjectByMoments() => _projection.Run(Queries, _moments.Product, _products, BatchSize, Team);

    /// <summary>The head of a context.</summary>
    [Benchmark]
    public void TakeHead() => _head.Set(Queries.Pointer, Items, _retrieved, _retrievedScores, _known);

    /// <summary>Scores of the shared tail, and g of a context with its errors.</summary>
    [Benchmark]
    public StrataReport Gradient()
    {
        RowScores.Gather(Queries.Pointer, _shared.Rows, _tailRows, _tailScores);
        StrataTail tail = new(_shared.Rows, _tailRows, _tailItems, _tailScores, isWhole: false);
        _gradient.Clear();
        return _strata.Estimate(Queries.Pointer, _products.Pointer, _head, _headRewards.AsSpan(0, _head.Count), tail, [], 0, _gradient.Pointer);
    }

    private protected override void Prepare()
    {
        int[] items = [.. DrawItems(4 * K).Distinct()];
        (_retrieved, _known) = (items[..TopItems], items[TopItems..(TopItems + Rewarded)]);
        _retrievedScores = new float[TopItems];
        RowScores.Gather(Queries.Pointer, Items, _retrieved, _retrievedScores);
        _moments = CatalogueMoments.Compute(Items, Team);
        _strata = new StrataGradient(Items, _moments, TopItems + Rewarded, Tail);
        _shared.Draw(NextDraws, Tail);
        _shared.Items.CopyTo(_tailItems);
        _projection.Run(Queries, _moments.Product, _products, BatchSize, Team);
        _head.Set(Queries.Pointer, Items, _retrieved, _retrievedScores, _known);
        Array.Fill(_headRewards, 1, TopItems, Rewarded);
    }
}
