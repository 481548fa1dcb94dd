using KernelPolicy.Index;
using KernelPolicy.Kernels;
using NUnit.Framework;

namespace KernelPolicy.Tests.Index;

/// <summary>Searches with a filter: K allowed items, as good as without one, from every entry point.</summary>
public sealed class FilteredSearchTests
{
    private const int Items = 12000;
    private const int Queries = 50;
    private const int K = 20;

    private readonly TopK _found = new(Queries, Items);
    private Matrix _items = null!;
    private Matrix _queries = null!;
    private WorkerTeam _team = null!;
    private ExactIndex _exact = null!;
    private HnswIndex _index = null!;

    [OneTimeSetUp]
    public void Build()
    {
        _items = Catalogues.Make(Catalogues.Shape.HeavyTailed, Items, 24);
        for (int item = 0; item < 60; item++)
            _items.Row(10 + (item % 3)).CopyTo(_items.Row(4000 + item));
        _queries = Catalogues.MeansOf(_items, Queries);
        _team = new WorkerTeam(2);
        _exact = new ExactIndex(_items);
        _index = HnswIndex.Build(_items, new HnswOptions { M = 8, EfSearch = 48 }, _team);
    }

    [OneTimeTearDown]
    public void Free()
    {
        _index.Dispose();
        _exact.Dispose();
        _team.Dispose();
        _queries.Dispose();
        _items.Dispose();
    }

    [Test]
    public void Recall_is_that_of_a_search_without_filter([Values(90, 50, 25, 10, 1)] int percent)
    {
        RandomDraws draws = new(3, RandomPurpose.Synthetic, 5, percent);
        int[] allowed = [.. Enumerable.Range(0, Items).Where(item => draws.Below((uint)item, 100) < percent)];
        double without = Recall(ItemFilter.Ban(Items, []));
        double with = Recall(ItemFilter.Allow(Items, allowed));
        TestContext.Out.WriteLine($"{percent} %: {with:F4}, without {without:F4}");

        // 1,000 items asked for: a recall of 0.95 has a standard deviation of 0.007.
        Assert.That(with, Is.GreaterThan(without - 0.02));
    }

    [Test]
    public void Each_query_may_ban_exactly_its_own_best()
    {
        _exact.Search(_queries, Queries, 100, _found, _team);
        int[][] best = [.. Enumerable.Range(0, Queries).Select(query => _found.Items(query).ToArray())];
        int[] items = new int[K];
        float[] scores = new float[K];
        double with = 0;
        for (int query = 0; query < Queries; query++)
        {
            ItemFilter filter = ItemFilter.Ban(Items, best[query]);
            Assert.That(_index.Search(_queries.Row(query), items, scores, filter), Is.EqualTo(K));
            with += Expected(query, filter).Intersect(items).Count();
            AssertSound(query, filter, items, scores);
        }

        double without = Recall(ItemFilter.Ban(Items, []));
        TestContext.Out.WriteLine($"{with / (K * Queries):F4}, without {without:F4}");
        Assert.That(with / (K * Queries), Is.GreaterThan(without - 0.02));
    }

    [Test]
    public void One_far_cluster_is_found()
    {
        // The items nearest to −h: nothing that a walk towards h comes by.
        using Matrix opposite = new(1, _items.Columns);
        for (int i = 0; i < _items.Columns; i++)
            opposite.Row(0)[i] = -_queries.Row(0)[i];
        foreach (int size in new[] { 5, 300, 3000 })
        {
            _exact.Search(opposite, 1, size, _found, _team);
            ItemFilter filter = ItemFilter.Allow(Items, _found.Items(0));
            int[] items = new int[K];
            float[] scores = new float[K];
            int found = _index.Search(_queries.Row(0), items, scores, filter);
            Assert.That(found, Is.EqualTo(Math.Min(K, size)));
            Assert.That(items[..found].Intersect(Expected(0, filter)).Count(), Is.GreaterThanOrEqualTo(found - 1));
        }
    }

    [Test]
    public void There_are_K_answers_wherever_K_are_allowed([Values(0, 1, 19, 20, 21, 700)] int allowed)
    {
        int[] some = [.. Enumerable.Range(0, allowed).Select(i => (i * 17) % Items)];
        ItemFilter filter = ItemFilter.Allow(Items, some);
        foreach (IMipsIndex index in new IMipsIndex[] { _exact, _index })
        {
            index.Search(_queries, Queries, K, _found, _team, filter);
            for (int query = 0; query < Queries; query++)
            {
                Assert.That(_found.Items(query).Length, Is.EqualTo(Math.Min(K, allowed)));
                AssertSound(query, filter, _found.Items(query), _found.Scores(query));
            }
        }
    }

    [Test]
    public void The_exact_scan_is_exact([Values(1, 10, 30, 60, 99)] int percent, [Values(1, 7, 400)] int k)
    {
        RandomDraws draws = new(4, RandomPurpose.Synthetic, 5, percent);
        int[] banned = [.. Enumerable.Range(0, Items).Where(item => draws.Below((uint)item, 100) >= percent)];
        _exact.Search(_queries, Queries, 5, _found, _team);
        ItemFilter filter = ItemFilter.Ban(Items, [.. banned, .. _found.Items(0), .. _found.Items(1)]);
        _exact.Search(_queries, Queries, k, _found, _team, filter);
        for (int query = 0; query < Queries; query++)
        {
            int[] expected = Expected(query, filter, k);
            Assert.That(_found.Items(query).Length, Is.EqualTo(expected.Length));
            AssertSound(query, filter, _found.Items(query), _found.Scores(query));

            // The reference is in double precision: scores that close are in either order.
            for (int i = 0; i < expected.Length; i++)
            {
                double score = Score(query, expected[i]);
                Assert.That(_found.Scores(query)[i], Is.EqualTo(score).Within(1e-5 * Math.Max(1, Math.Abs(score))));
            }
        }
    }

    [Test]
    public void An_item_is_found_though_the_first_of_its_vector_is_banned()
    {
        // 4000, 4003, … share the vector of 10.
        ItemFilter filter = ItemFilter.Of(Items, [.. Enumerable.Range(3000, 9000)], [4000, 4003]);
        int[] items = new int[18];
        float[] scores = new float[18];
        Assert.That(_index.Search(_items.Row(10), items, scores, ItemFilter.Allow(Items, [4000, 4006, 77])), Is.EqualTo(3));
        Assert.That(items[..3], Is.SupersetOf(new[] { 4000, 4006 }));
        _index.Search(_items.Row(10), items, scores, filter);
        AssertSound(null, filter, items, scores);
        Assert.That(items.Count(item => item is >= 4000 and < 4060), Is.EqualTo(18).Or.EqualTo(
            Expected(_items.Row(10), filter, 18).Count(item => item is >= 4000 and < 4060)));
    }

    [Test]
    public void One_query_is_answered_as_in_a_batch_and_by_any_thread()
    {
        ItemFilter filter = ItemFilter.Ban(Items, [.. Enumerable.Range(0, Items / 3)]);
        _index.Search(_queries, Queries, K, _found, _team, filter);
        bool[] same = new bool[4];
        Thread[] threads = [.. Enumerable.Range(0, same.Length).Select(self => new Thread(() =>
        {
            int[] items = new int[K];
            float[] scores = new float[K];
            bool equal = true;
            for (int query = 0; query < Queries; query++)
            {
                _index.Search(_queries.Row(query), items, scores, filter);
                equal &= items.AsSpan().SequenceEqual(_found.Items(query)) && scores.AsSpan().SequenceEqual(_found.Scores(query));
            }

            same[self] = equal;
        }))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        Assert.That(same, Is.All.True);
    }

    [Test]
    public void Nothing_is_allocated_after_warm_up()
    {
        ItemFilter[] filters =
        [
            ItemFilter.Ban(Items, [1, 2, 3]),
            ItemFilter.Ban(Items, [.. Enumerable.Range(0, Items / 2)]),
            ItemFilter.Allow(Items, [.. Enumerable.Range(50, 200)]),
        ];
        int[] items = new int[K];
        float[] scores = new float[K];
        const int Searches = 60;
        long least = long.MaxValue;
        for (int attempt = 0; attempt < 4; attempt++)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            for (int i = 0; i < Searches; i++)
            {
                _index.Search(_queries, 4, K, _found, _team, filters[i % 3]);
                _exact.Search(_queries, 4, K, _found, _team, filters[i % 3]);
                _index.Search(_queries.Row(i % Queries), items, scores, filters[i % 3]);
            }

            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
        }

        // One object a search would be at least 24 bytes.
        Assert.That(least, Is.LessThan(Searches * 24));
    }

    [Test]
    public void A_filter_over_another_catalogue_is_refused()
    {
        ItemFilter filter = ItemFilter.Ban(Items - 1, []);
        foreach (IMipsIndex index in new IMipsIndex[] { _exact, _index })
        {
            ArgumentException? error = Assert.Throws<ArgumentException>(() => index.Search(_queries, 1, 1, _found, _team, filter));
            Assert.That(error!.Message, Does.Contain("over 11999 items, the index holds 12000"));
        }
    }

    private double Recall(ItemFilter filter)
    {
        _index.Search(_queries, Queries, K, _found, _team, filter);
        double hits = 0;
        for (int query = 0; query < Queries; query++)
        {
            AssertSound(query, filter, _found.Items(query), _found.Scores(query));
            hits += Expected(query, filter).Intersect(_found.Items(query).ToArray()).Count();
        }

        return hits / (K * Queries);
    }

    private void AssertSound(int? query, ItemFilter filter, ReadOnlySpan<int> items, ReadOnlySpan<float> scores)
    {
        Assert.That(items.ToArray(), Is.Unique);
        for (int i = 0; i < items.Length; i++)
        {
            Assert.That(filter.Allows(items[i]), $"{items[i]}");
            if (i > 0)
                Assert.That(scores[i - 1] > scores[i] || (scores[i - 1] == scores[i] && items[i - 1] < items[i]));
            if (query is not { } row)
                continue;
            double score = Score(row, items[i]);
            Assert.That(scores[i], Is.EqualTo(score).Within(1e-5 * Math.Max(1, Math.Abs(score))));
        }
    }

    private int[] Expected(int query, ItemFilter filter, int k = K) => Expected(_queries.Row(query), filter, k);

    private int[] Expected(ReadOnlySpan<float> query, ItemFilter filter, int k)
    {
        float[] h = query.ToArray();
        return [.. Enumerable.Range(0, Items).Where(filter.Allows).OrderByDescending(item => Score(h, item)).ThenBy(item => item).Take(k)];
    }

    private double Score(int query, int item) => Score(_queries.Row(query), item);

    private double Score(ReadOnlySpan<float> query, int item)
    {
        double sum = 0;
        ReadOnlySpan<float> row = _items.Row(item);
        for (int l = 0; l < row.Length; l++)
            sum += (double)query[l] * row[l];
        return sum;
    }
}
