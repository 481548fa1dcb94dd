using System.IO.Hashing;
using System.Runtime.InteropServices;
using KernelPolicy.Index;
using KernelPolicy.Kernels;
using NUnit.Framework;

namespace KernelPolicy.Tests.Index;

/// <summary>Items that come and go: numbers, answers, determinism, recall, files, memory, misuse.</summary>
public sealed class LiveIndexTests
{
    private const int Old = 4000;
    private const int New = 800;
    private const int Queries = 60;
    private const int K = 20;

    private static readonly HnswOptions Options = new() { M = 8, EfSearch = 40 };

    private readonly TopK _found = new(Queries, 100);
    private readonly TopK _expected = new(Queries, 100);
    private Matrix _all = null!;
    private Matrix _old = null!;
    private Matrix _queries = null!;
    private WorkerTeam _team = null!;
    private HnswIndex _built = null!;

    [OneTimeSetUp]
    public void Build()
    {
        _all = Catalogues.Make(Catalogues.Shape.HeavyTailed, Old + New, 20);
        for (int i = 0; i < 30; i++)
            _all.Row(i % 10).CopyTo(_all.Row(Old + (20 * i)));

        // The longest of all, and the largest code, comes last.
        foreach (ref float value in _all.Row(Old + New - 1))
            value = 300;
        _old = Rows(0, Old);
        _queries = Catalogues.MeansOf(_all, Queries);
        _team = new WorkerTeam(2);
        _built = HnswIndex.Build(_old, Options, _team);
    }

    [OneTimeTearDown]
    public void Free()
    {
        _built.Dispose();
        _team.Dispose();
        _queries.Dispose();
        _old.Dispose();
        _all.Dispose();
    }

    [Test]
    public void Recall_after_additions_is_that_of_a_fresh_build([Values] HnswTraversal traversal)
    {
        using HnswIndex origin = HnswIndex.Build(_old, Options with { Traversal = traversal }, _team);
        using LiveIndex live = new(origin);
        AddAll(live, _team, 8);
        using HnswIndex fresh = HnswIndex.Build(_all, Options with { Traversal = traversal }, _team);
        using LiveSnapshot snapshot = live.Acquire();
        using ExactIndex exact = new(snapshot.Items);
        using ExactIndex exactOfAll = new(_all);
        RecallAudit audit = new(Queries, K);
        double grown = audit.Measure(snapshot, exact, _queries, Queries, K, _team).Recall;
        double anew = audit.Measure(fresh, exactOfAll, _queries, Queries, K, _team).Recall;
        TestContext.Out.WriteLine($"{grown:F4}, fresh {anew:F4}; {snapshot.Report}");
        Assert.Multiple(() =>
        {
            Assert.That(live.Count, Is.EqualTo(Old + New));
            Assert.That(live.Version, Is.EqualTo(8));
            Assert.That(grown, Is.GreaterThan(anew - 0.02));
            Assert.That(snapshot.Report.Duplicates, Is.EqualTo(fresh.Report.Duplicates));
            Assert.That(Reachability.Count(snapshot.Index.Graph), Is.EqualTo(snapshot.Index.Graph.Nodes));
            Assert.That(snapshot.Index.Graph.Vectors.ItemOf[0], Is.EqualTo(Old + New - 1), "searches start from the longest");
        });
    }

    [Test]
    public void The_same_additions_give_the_same_graph_at_any_number_of_threads()
    {
        string? first = null;
        foreach (int threads in new[] { 1, 2, 3 })
        {
            using WorkerTeam team = new(threads);
            using LiveIndex live = new(_built);
            AddAll(live, team, 3);
            using LiveSnapshot snapshot = live.Acquire();
            string print = Print(snapshot.Index.Graph);
            first ??= print;
            Assert.That(print, Is.EqualTo(first), $"{threads} threads");
        }
    }

    [Test]
    public void Links_of_a_grown_graph_lead_to_other_nodes_once()
    {
        using LiveIndex live = new(_built);
        AddAll(live, _team, 2);
        using LiveSnapshot snapshot = live.Acquire();
        HnswGraph graph = snapshot.Index.Graph;
        for (int node = 0; node < graph.Nodes; node++)
        {
            Assert.That(graph.Levels[node], Is.LessThanOrEqualTo(graph.TopLayer));
            for (int layer = 0; layer <= graph.Levels[node]; layer++)
            {
                int[] links = graph.Links(layer, node).ToArray();
                Assert.That(links, Has.None.EqualTo(node));
                Assert.That(links, Is.Unique);
                Assert.That(links.All(link => graph.Levels[link] >= layer));
            }
        }
    }

    [Test]
    public void Added_items_are_numbered_on_and_found()
    {
        using LiveIndex live = new(_built);
        using Matrix one = Rows(Old + 1, 1);
        using Matrix two = Rows(Old + 2, 2);
        Assert.That(live.Add(one, _team), Is.EqualTo(Old));
        Assert.That(live.Add(two, _team), Is.EqualTo(Old + 1));
        int[] items = new int[1];
        float[] scores = new float[1];
        using Matrix duplicate = Rows(7, 1);
        Assert.That(live.Add(duplicate, _team), Is.EqualTo(Old + 3));
        for (int item = Old; item < Old + 3; item++)
        {
            live.Search(_all.Row(item + 1), items, scores, ItemFilter.Allow(Old + 4, [item, 1, 2, 3]));
            Assert.That(items[0], Is.EqualTo(item));
        }

        live.Ban(7);
        live.Search(_all.Row(7), items, scores, ItemFilter.Allow(Old + 4, [7, Old + 3]));
        Assert.That(items[0], Is.EqualTo(Old + 3), "the same vector under another number");
    }

    [Test]
    public void Banned_items_are_not_found_until_the_ban_is_lifted()
    {
        using LiveIndex live = new(_built);
        live.Search(_queries, Queries, K, _expected, _team);
        int[] best = _expected.Items(0).ToArray();
        live.Ban(best.AsSpan(0, 5));
        live.Remove(best[5]);
        live.Search(_queries, Queries, K, _found, _team);
        Assert.Multiple(() =>
        {
            Assert.That(_found.Items(0)[..(K - 6)].ToArray(), Is.EqualTo(best[6..]));
            Assert.That(_found.Items(0).Length, Is.EqualTo(K));
            Assert.That(live.CountAvailable, Is.EqualTo(Old - 6));
        });
        live.Unban(best.AsSpan(0, 6));
        live.Search(_queries, 1, K, _found, _team);
        Assert.That(_found.Items(0)[..(K - 1)].ToArray(), Is.EqualTo(best.Where((_, i) => i != 5)));
    }

    [Test]
    public void Compaction_leaves_removed_items_out_and_keeps_numbers()
    {
        using LiveIndex live = new(_built);
        int[] removed = [.. Enumerable.Range(0, Old / 2).Select(i => 2 * i)];
        live.Remove(removed);
        live.Ban(1);
        live.Compact(_team);
        using LiveSnapshot snapshot = live.Acquire();
        using ExactIndex exact = new(_old);
        exact.Search(_queries, Queries, K, _expected, _team, ItemFilter.Ban(Old, [1, .. removed]));
        snapshot.Search(_queries, Queries, K, _found, _team);
        double hits = 0;
        for (int query = 0; query < Queries; query++)
            hits += _expected.Items(query).ToArray().Intersect(_found.Items(query).ToArray()).Count();
        Assert.Multiple(() =>
        {
            Assert.That(hits / (K * Queries), Is.GreaterThan(0.95));
            Assert.That(snapshot.Index.Graph.Nodes, Is.EqualTo((Old / 2) + 1), "all of the removed are one node");
            Assert.That(live.Count, Is.EqualTo(Old));
            Assert.That(live.CountAvailable, Is.EqualTo((Old / 2) - 1));
        });
    }

    [Test]
    public void An_index_that_has_doubled_is_built_anew()
    {
        using Matrix few = Rows(0, 50);
        using HnswIndex origin = HnswIndex.Build(few, Options, _team);
        using LiveIndex live = new(origin);
        live.Remove(3, 4);
        using Matrix more = Rows(50, 60);
        live.Add(more, _team);
        using Matrix anew = Rows(0, 110);
        anew.Row(3).Clear();
        anew.Row(4).Clear();
        using HnswIndex fresh = HnswIndex.Build(anew, Options, _team);
        using LiveSnapshot snapshot = live.Acquire();
        Assert.That(Print(snapshot.Index.Graph), Is.EqualTo(Print(fresh.Graph)));
    }

    [Test]
    public void A_grown_graph_is_saved_and_loaded()
    {
        string path = Path.Combine(TestContext.CurrentContext.WorkDirectory, $"live-{Guid.NewGuid():N}.kpi");
        using LiveIndex live = new(_built);
        AddAll(live, _team, 2);
        live.Remove(5, 6, 7);
        live.Compact(_team);
        using Matrix more = Rows(11, 40);
        live.Add(more, _team);
        using LiveSnapshot snapshot = live.Acquire();
        try
        {
            snapshot.Save(path);
            using HnswIndex loaded = HnswIndex.Load(path, snapshot.Items);
            using LiveIndex again = new(loaded);
            again.Ban(5, 6, 7);
            live.Search(_queries, Queries, K, _expected, _team);
            again.Search(_queries, Queries, K, _found, _team);
            for (int query = 0; query < Queries; query++)
                Assert.That(_found.Items(query).ToArray(), Is.EqualTo(_expected.Items(query).ToArray()));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Test]
    public void A_catalogue_is_freed_when_its_last_reader_leaves()
    {
        LiveIndex live = new(_built);
        LiveSnapshot first = live.Acquire();
        AddAll(live, _team, 3);
        Assert.That(live.CataloguesAlive, Is.EqualTo(2), "the snapshot's and the present one");
        first.Search(_queries, Queries, K, _found, _team);
        Assert.That(first.Items.Rows, Is.EqualTo(Old));
        first.Dispose();
        first.Dispose();
        Assert.That(live.CataloguesAlive, Is.EqualTo(1));
        Assert.Throws<ObjectDisposedException>(() => first.Search(_queries, 1, K, _found, _team));
        LiveSnapshot last = live.Acquire();
        live.Ban(1);
        live.Dispose();
        live.Dispose();
        Assert.That(live.CataloguesAlive, Is.EqualTo(1));
        last.Search(_queries, 1, K, _found, _team);
        last.Dispose();
        Assert.That(live.CataloguesAlive, Is.Zero);
        Assert.Throws<ObjectDisposedException>(() => live.Search(_queries, 1, K, _found, _team));
        Assert.Throws<ObjectDisposedException>(() => live.Ban(1));
    }

    [Test]
    public void A_search_with_bans_and_a_filter_allocates_nothing()
    {
        using LiveIndex live = new(_built);
        live.Ban(1, 2, 3);
        ItemFilter filter = ItemFilter.Ban(Old, [4, 5]);
        int[] items = new int[K];
        float[] scores = new float[K];
        const int Searches = 60;
        long least = long.MaxValue;
        for (int attempt = 0; attempt < 4; attempt++)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            for (int i = 0; i < Searches; i++)
            {
                live.Search(_queries, 4, K, _found, _team, filter);
                live.Search(_queries.Row(0), items, scores, filter);
            }

            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
        }

        Assert.That(least, Is.LessThan(Searches * 24));
    }

    [Test]
    public void Misuse_is_refused_and_changes_nothing()
    {
        using LiveIndex live = new(_built);
        using Matrix narrow = new(1, 19);
        using Matrix none = new(0, 20);
        using Matrix infinite = new(2, 20);
        infinite.Row(1)[3] = float.NaN;
        using CancellationTokenSource cancelled = new();
        cancelled.Cancel();
        Assert.Multiple(() =>
        {
            Assert.Throws<ArgumentException>(() => live.Add(narrow, _team));
            Assert.Throws<ArgumentException>(() => live.Add(none, _team));
            Assert.That(
                Assert.Throws<ArgumentException>(() => live.Add(infinite, _team))!.Message, Does.Contain("Item 1 holds"));
            Assert.Throws<OperationCanceledException>(() => live.Add(_old, _team, cancelled.Token));
            Assert.Throws<OperationCanceledException>(() => live.Compact(_team, cancelled.Token));
            Assert.That(
                Assert.Throws<ArgumentOutOfRangeException>(() => live.Ban(1, Old))!.Message, Does.Contain("Item 4000 is not one of the index's: 0 to 3999."));
            Assert.Throws<ArgumentOutOfRangeException>(() => live.Unban(-1));
            Assert.Throws<ArgumentNullException>(() => _ = new LiveIndex(null!));
            Assert.That(live.Version, Is.Zero);
            Assert.That(live.CountAvailable, Is.EqualTo(Old));
            Assert.That(live.CataloguesAlive, Is.EqualTo(1));
        });
    }

    private void AddAll(LiveIndex live, WorkerTeam team, int batches)
    {
        int first = Old;
        for (int batch = 0; batch < batches; batch++)
        {
            int end = Old + (New * (batch + 1) / batches);
            using Matrix some = Rows(first, end - first);
            Assert.That(live.Add(some, team), Is.EqualTo(first));
            first = end;
        }
    }

    private Matrix Rows(int first, int count)
    {
        Matrix rows = new(count, _all.Columns);
        for (int i = 0; i < count; i++)
            _all.Row(first + i).CopyTo(rows.Row(i));
        return rows;
    }

    private static string Print(HnswGraph graph)
    {
        XxHash3 hash = new();
        hash.Append(MemoryMarshal.AsBytes(graph.Vectors.ItemOf));
        hash.Append(graph.Levels);
        for (int node = 0; node < graph.Nodes; node++)
        {
            for (int layer = 0; layer <= graph.Levels[node]; layer++)
            {
                hash.Append(MemoryMarshal.AsBytes(graph.Links(layer, node)));
                hash.Append([255]);
            }
        }

        return $"{graph.Entry} {graph.Starts} {hash.GetCurrentHashAsUInt64():x}";
    }
}
