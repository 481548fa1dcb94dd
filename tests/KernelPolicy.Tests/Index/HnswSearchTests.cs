using KernelPolicy.Index;
using KernelPolicy.Kernels;
using NUnit.Framework;

namespace KernelPolicy.Tests.Index;

/// <summary>The contract of searching: one answer from every entry point, from every thread, without allocation.</summary>
public sealed class HnswSearchTests
{
    private const int Queries = 60;
    private const int K = 30;

    private Matrix _items = null!;
    private Matrix _queries = null!;
    private WorkerTeam _team = null!;
    private HnswIndex _index = null!;
    private TopK _expected = null!;

    [OneTimeSetUp]
    public void Build()
    {
        _items = Catalogues.Make(Catalogues.Shape.HeavyTailed, 3000, 21);
        _items.Row(10).CopyTo(_items.Row(2000));
        _queries = Catalogues.MeansOf(_items, Queries);
        _team = new WorkerTeam(2);
        _index = HnswIndex.Build(_items, new HnswOptions { M = 8 }, _team);
        _expected = new TopK(Queries, K);
        _index.Search(_queries, Queries, K, _expected, _team);
    }

    [OneTimeTearDown]
    public void Free()
    {
        _index.Dispose();
        _team.Dispose();
        _queries.Dispose();
        _items.Dispose();
    }

    /// <summary>As many candidates are followed as items are asked for.</summary>
    [Test]
    public void An_ef_below_K_searches_as_K_does()
    {
        using HnswIndex least = _index.WithEfSearch(1), enough = _index.WithEfSearch(K);
        TopK found = new(Queries, K), expected = new(Queries, K);
        least.Search(_queries, Queries, K, found, _team);
        enough.Search(_queries, Queries, K, expected, _team);
        for (int query = 0; query < Queries; query++)
            Assert.That(found.Items(query).ToArray(), Is.EqualTo(expected.Items(query).ToArray()), $"query {query}");
    }

    [Test]
    public void Answers_are_sorted_and_their_scores_are_inner_products()
    {
        for (int query = 0; query < Queries; query++)
        {
            ReadOnlySpan<int> items = _expected.Items(query);
            ReadOnlySpan<float> scores = _expected.Scores(query);
            Assert.That(items.Length, Is.EqualTo(K));
            Assert.That(items.ToArray(), Is.Unique);
            for (int i = 0; i < K; i++)
            {
                double exact = 0;
                for (int l = 0; l < _items.Columns; l++)
                    exact += (double)_queries.Row(query)[l] * _items.Row(items[i])[l];
                Assert.That(scores[i], Is.EqualTo(exact).Within(1e-5 * Math.Max(1, Math.Abs(exact))));
                if (i > 0)
                    Assert.That(scores[i - 1] > scores[i] || (scores[i - 1] == scores[i] && items[i - 1] < items[i]));
            }
        }
    }

    [Test]
    public void One_query_is_answered_as_in_a_batch()
    {
        int[] items = new int[K];
        float[] scores = new float[K];
        for (int query = 0; query < Queries; query++)
        {
            Assert.That(_index.Search(_queries.Row(query), items, scores), Is.EqualTo(K));
            Assert.That(items, Is.EqualTo(_expected.Items(query).ToArray()));
            Assert.That(scores, Is.EqualTo(_expected.Scores(query).ToArray()));
        }
    }

    [Test]
    public void Concurrent_searches_answer_as_sequential_ones()
    {
        string?[] wrong = new string?[6];
        Thread[] threads = new Thread[wrong.Length];
        for (int t = 0; t < threads.Length; t++)
        {
            int self = t;
            threads[t] = new Thread(() => wrong[self] = self % 2 == 0 ? SearchOneByOne(self) : SearchBatches());
            threads[t].Start();
        }

        foreach (Thread thread in threads)
            thread.Join();
        Assert.That(wrong, Is.All.Null);
    }

    [Test]
    public void Nothing_is_allocated_after_warm_up()
    {
        TopK result = new(Queries, K);
        int[] items = new int[K];
        float[] scores = new float[K];
        for (int i = 0; i < 3; i++)
        {
            _index.Search(_queries, Queries, K, result, _team);
            _index.Search(_queries.Row(0), items, scores);
        }

        // The count is of the whole process, the team's threads included, and so of the test runner's now and then. One
        // object a search would be at least 24 bytes.
        const int Searches = 100;
        long least = long.MaxValue;
        for (int attempt = 0; attempt < 3; attempt++)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            for (int i = 0; i < Searches; i++)
            {
                _index.Search(_queries, 4, K, result, _team);
                _index.Search(_queries.Row(i % Queries), items, scores);
            }

            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
        }

        Assert.That(least, Is.LessThan(Searches * 24));
    }

    [Test]
    public void Marks_of_visits_survive_their_wrap_around()
    {
        int[] items = new int[K];
        float[] scores = new float[K];
        for (int i = 0; i < 600; i++)
        {
            _index.Search(_queries.Row(i % Queries), items, scores);
            Assert.That(items, Is.EqualTo(_expected.Items(i % Queries).ToArray()), $"search {i}");
        }
    }

    [Test]
    public void An_index_with_another_ef_outlives_its_origin()
    {
        HnswIndex origin = HnswIndex.Build(_items, new HnswOptions { M = 8 }, _team);
        HnswIndex wide = origin.WithEfSearch(200);
        origin.Dispose();
        origin.Dispose();
        TopK result = new(Queries, K);
        wide.Search(_queries, Queries, K, result, _team);
        Assert.Multiple(() =>
        {
            Assert.That(wide.Options.EfSearch, Is.EqualTo(200));
            Assert.That(result.Items(0).Length, Is.EqualTo(K));
            Assert.Throws<ObjectDisposedException>(() => origin.Search(_queries, 1, K, result, _team));
            Assert.Throws<ArgumentOutOfRangeException>(() => wide.WithEfSearch(0));
        });
        wide.Dispose();
    }

    [Test]
    public void Misuse_is_refused()
    {
        TopK result = new(4, 10);
        using Matrix narrow = new(4, 20);
        int[] items = new int[10];
        float[] scores = new float[10];
        Assert.Multiple(() =>
        {
            Assert.Throws<ArgumentException>(() => _index.Search(narrow, 4, 10, result, _team), "columns");
            Assert.Throws<ArgumentOutOfRangeException>(() => _index.Search(_queries, Queries + 1, 10, result, _team), "count");
            Assert.Throws<ArgumentOutOfRangeException>(() => _index.Search(_queries, 4, 0, result, _team), "K = 0");
            Assert.Throws<ArgumentOutOfRangeException>(() => _index.Search(_queries, 4, 3001, result, _team), "K > P");
            Assert.Throws<ArgumentException>(() => _index.Search(_queries, 5, 10, result, _team), "room for queries");
            Assert.Throws<ArgumentException>(() => _index.Search(_queries, 4, 11, result, _team), "room for K");
            Assert.Throws<ArgumentNullException>(() => _index.Search(null!, 4, 10, result, _team));
            Assert.Throws<ArgumentException>(() => _index.Search(narrow.Row(0), items, scores), "length of the query");
            Assert.Throws<ArgumentException>(() => _index.Search(_queries.Row(0), items, scores.AsSpan(0, 9)), "room for scores");
            Assert.Throws<ArgumentOutOfRangeException>(() => _index.Search(_queries.Row(0), [], scores), "no room at all");
        });
    }

    private string? SearchOneByOne(int offset)
    {
        int[] items = new int[K];
        float[] scores = new float[K];
        for (int i = 0; i < 300; i++)
        {
            int query = (i + offset) % Queries;
            _index.Search(_queries.Row(query), items, scores);
            if (!items.AsSpan().SequenceEqual(_expected.Items(query)))
                return $"query {query} alone";
        }

        return null;
    }

    private string? SearchBatches()
    {
        using WorkerTeam team = new(2);
        TopK result = new(Queries, K);
        for (int i = 0; i < 5; i++)
        {
            _index.Search(_queries, Queries, K, result, team);
            for (int query = 0; query < Queries; query++)
            {
                if (!result.Items(query).SequenceEqual(_expected.Items(query)))
                    return $"query {query} in a batch";
            }
        }

        return null;
    }
}
