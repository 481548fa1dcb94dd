using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Index;

/// <summary>Searches that start from what the same contexts were answered a while ago.</summary>
public sealed class HnswWarmStartTests
{
    private const int Queries = 200;
    private const int K = 10;

    private static readonly HnswOptions Narrow = new()
    {
        M = 8, EfSearch = K, LongestAsStarts = 64, InnerProductLinks = 0, Metric = HnswMetric.NormAugmented,
    };

    private readonly WorkerTeam _team = new(2);
    private Matrix _items = null!;
    private Matrix _before = null!;
    private Matrix _after = null!;
    private HnswIndex _index = null!;
    private ExactIndex _exact = null!;

    [OneTimeSetUp]
    public void Build()
    {
        _items = Catalogues.Make(Catalogues.Shape.HeavyTailed, 4000, 20);
        _before = Catalogues.MeansOf(_items, Queries);
        _after = new Matrix(Queries, 20);
        float[] noise = Seeded.Floats(1, Queries * 20);
        for (int query = 0; query < Queries; query++)
        {
            Span<float> row = _after.Row(query);
            _before.Row(query).CopyTo(row);
            float scale = 0.1f * MathF.Sqrt(System.Numerics.Tensors.TensorPrimitives.SumOfSquares<float>(row) / 20);
            for (int l = 0; l < 20; l++)
                row[l] += scale * noise[(query * 20) + l];
        }

        _index = HnswIndex.Build(_items, Narrow, _team);
        _exact = new ExactIndex(_items);
    }

    [OneTimeTearDown]
    public void Clean()
    {
        _index.Dispose();
        _exact.Dispose();
        _items.Dispose();
        _before.Dispose();
        _after.Dispose();
        _team.Dispose();
    }

    [Test]
    public void Yesterdays_answers_help_with_todays()
    {
        TopK warm = new(Queries, K), cold = new(Queries, K), found = new(Queries, K), truth = new(Queries, K);
        _exact.Search(_before, Queries, K, warm, _team);
        _exact.Search(_after, Queries, K, truth, _team);
        _index.Search(_after, Queries, K, cold, _team);
        _index.SearchFrom(_after, Queries, K, warm, found, _team);

        // 2,000 items: a standard error below 0.012.
        Assert.That(Recall(found, truth), Is.GreaterThan(Recall(cold, truth) + 0.03).And.GreaterThan(0.95));

        // The answer may overwrite what it started from.
        _index.SearchFrom(_after, Queries, K, warm, warm, _team);
        for (int query = 0; query < Queries; query++)
        {
            Assert.That(warm.Items(query).ToArray(), Is.EqualTo(found.Items(query).ToArray()));
            Assert.That(warm.Scores(query).ToArray(), Is.EqualTo(found.Scores(query).ToArray()));
        }
    }

    [Test]
    public void Where_nothing_is_known_it_is_a_search_like_any()
    {
        TopK nothing = new(Queries, K), foreign = new(Queries, K), cold = new(Queries, K), found = new(Queries, K);
        for (int query = 0; query < Queries; query++)
        {
            foreign.ItemBuffer(query).Fill(query % 2 == 0 ? -1 : int.MaxValue);
            foreign.SetFound(query, K);
        }

        _index.Search(_after, Queries, K, cold, _team);
        foreach (TopK start in new[] { nothing, foreign })
        {
            _index.SearchFrom(_after, Queries, K, start, found, _team);
            for (int query = 0; query < Queries; query++)
                Assert.That(found.Items(query).ToArray(), Is.EqualTo(cold.Items(query).ToArray()));
        }

        TopK few = new(Queries - 1, K);
        Assert.Throws<ArgumentException>(() => _index.SearchFrom(_after, Queries, K, few, found, _team));
        Assert.Throws<ArgumentNullException>(() => _index.SearchFrom(_after, Queries, K, null!, found, _team));
    }

    [Test]
    public void It_allocates_nothing()
    {
        TopK warm = new(Queries, K);
        Allocations.AssertNone(() => _index.SearchFrom(_after, Queries, K, warm, warm, _team));
    }

    private static double Recall(TopK found, TopK truth)
    {
        double hits = 0;
        for (int query = 0; query < Queries; query++)
            hits += found.Items(query).ToArray().Intersect(truth.Items(query).ToArray()).Count();
        return hits / (Queries * K);
    }
}
