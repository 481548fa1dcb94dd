using KernelPolicy.Index;
using KernelPolicy.Kernels;
using NUnit.Framework;

namespace KernelPolicy.Tests.Index;

/// <summary>Items that come and go: numbers, answers, files, memory, misuse.</summary>
public sealed class LiveIndexTests
{
    private const int Old = LiveCase.Old;
    private const int Queries = LiveCase.QueryCount;
    private const int K = 20;

    private readonly TopK _found = new(Queries, 100);
    private readonly TopK _expected = new(Queries, 100);
    private LiveCase _case = null!;

    [OneTimeSetUp]
    public void Build() => _case = new LiveCase();

    [OneTimeTearDown]
    public void Free() => _case.Dispose();

    [Test]
    public void Added_items_are_numbered_on_and_found()
    {
        using LiveIndex live = new(_case.Built);
        using Matrix one = _case.Rows(Old + 1, 1);
        using Matrix two = _case.Rows(Old + 2, 2);
        Assert.That(live.Add(one, _case.Team), Is.EqualTo(Old));
        Assert.That(live.Add(two, _case.Team), Is.EqualTo(Old + 1));
        int[] items = new int[1];
        float[] scores = new float[1];
        using Matrix duplicate = _case.Rows(7, 1);
        Assert.That(live.Add(duplicate, _case.Team), Is.EqualTo(Old + 3));
        for (int item = Old; item < Old + 3; item++)
        {
            live.Search(_case.All.Row(item + 1), items, scores, ItemFilter.Allow(Old + 4, [item, 1, 2, 3]));
            Assert.That(items[0], Is.EqualTo(item));
        }

        live.Ban(7);
        live.Search(_case.All.Row(7), items, scores, ItemFilter.Allow(Old + 4, [7, Old + 3]));
        Assert.That(items[0], Is.EqualTo(Old + 3), "the same vector under another number");
    }

    [Test]
    public void Banned_items_are_not_found_until_the_ban_is_lifted()
    {
        using LiveIndex live = new(_case.Built);
        live.Search(_case.Queries, Queries, K, _expected, _case.Team);
        int[] best = _expected.Items(0).ToArray();
        live.Ban(best.AsSpan(0, 5));
        live.Remove(best[5]);
        live.Search(_case.Queries, Queries, K, _found, _case.Team);
        Assert.Multiple(() =>
        {
            Assert.That(_found.Items(0)[..(K - 6)].ToArray(), Is.EqualTo(best[6..]));
            Assert.That(_found.Items(0).Length, Is.EqualTo(K));
            Assert.That(live.CountAvailable, Is.EqualTo(Old - 6));
        });
        live.Unban(best.AsSpan(0, 6));
        live.Search(_case.Queries, 1, K, _found, _case.Team);
        Assert.That(_found.Items(0)[..(K - 1)].ToArray(), Is.EqualTo(best.Where((_, i) => i != 5)));
    }

    [Test]
    public void Compaction_leaves_removed_items_out_and_keeps_numbers()
    {
        using LiveIndex live = new(_case.Built);
        int[] removed = [.. Enumerable.Range(0, Old / 2).Select(i => 2 * i)];
        live.Remove(removed);
        live.Ban(1);
        live.Compact(_case.Team);
        using LiveSnapshot snapshot = live.Acquire();
        using ExactIndex exact = new(_case.OldItems);
        exact.Search(_case.Queries, Queries, K, _expected, _case.Team, ItemFilter.Ban(Old, [1, .. removed]));
        snapshot.Search(_case.Queries, Queries, K, _found, _case.Team);
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
    public void A_grown_graph_is_saved_and_loaded()
    {
        string path = Path.Combine(TestContext.CurrentContext.WorkDirectory, $"live-{Guid.NewGuid():N}.kpi");
        using LiveIndex live = new(_case.Built);
        _case.AddAll(live, _case.Team, 2);
        live.Remove(5, 6, 7);
        live.Compact(_case.Team);
        using Matrix more = _case.Rows(11, 40);
        live.Add(more, _case.Team);
        using LiveSnapshot snapshot = live.Acquire();
        try
        {
            snapshot.Save(path);
            using HnswIndex loaded = HnswIndex.Load(path, snapshot.Items);
            using LiveIndex again = new(loaded);
            again.Ban(5, 6, 7);
            live.Search(_case.Queries, Queries, K, _expected, _case.Team);
            again.Search(_case.Queries, Queries, K, _found, _case.Team);
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
        LiveIndex live = new(_case.Built);
        LiveSnapshot first = live.Acquire();
        _case.AddAll(live, _case.Team, 3);
        Assert.That(live.CataloguesAlive, Is.EqualTo(2), "the snapshot's and the present one");
        first.Search(_case.Queries, Queries, K, _found, _case.Team);
        Assert.That(first.Items.Rows, Is.EqualTo(Old));
        first.Dispose();
        first.Dispose();
        Assert.That(live.CataloguesAlive, Is.EqualTo(1));
        Assert.Throws<ObjectDisposedException>(() => first.Search(_case.Queries, 1, K, _found, _case.Team));
        LiveSnapshot last = live.Acquire();
        live.Ban(1);
        live.Dispose();
        live.Dispose();
        Assert.That(live.CataloguesAlive, Is.EqualTo(1));
        last.Search(_case.Queries, 1, K, _found, _case.Team);
        last.Dispose();
        Assert.That(live.CataloguesAlive, Is.Zero);
        Assert.Throws<ObjectDisposedException>(() => live.Search(_case.Queries, 1, K, _found, _case.Team));
        Assert.Throws<ObjectDisposedException>(() => live.Ban(1));
    }

    [Test]
    public void A_search_with_bans_and_a_filter_allocates_nothing()
    {
        using LiveIndex live = new(_case.Built);
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
                live.Search(_case.Queries, 4, K, _found, _case.Team, filter);
                live.Search(_case.Queries.Row(0), items, scores, filter);
            }

            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
        }

        Assert.That(least, Is.LessThan(Searches * 24));
    }

    [Test]
    public void Misuse_is_refused_and_changes_nothing()
    {
        using LiveIndex live = new(_case.Built);
        using Matrix narrow = new(1, 19);
        using Matrix none = new(0, 20);
        using Matrix infinite = new(2, 20);
        infinite.Row(1)[3] = float.NaN;
        using CancellationTokenSource cancelled = new();
        cancelled.Cancel();
        Assert.Multiple(() =>
        {
            Assert.Throws<ArgumentException>(() => live.Add(narrow, _case.Team));
            Assert.Throws<ArgumentException>(() => live.Add(none, _case.Team));
            Assert.That(
                Assert.Throws<ArgumentException>(() => live.Add(infinite, _case.Team))!.Message, Does.Contain("Item 1 holds"));
            Assert.Throws<OperationCanceledException>(() => live.Add(_case.OldItems, _case.Team, cancelled.Token));
            Assert.Throws<OperationCanceledException>(() => live.Compact(_case.Team, cancelled.Token));
            Assert.That(
                Assert.Throws<ArgumentOutOfRangeException>(() => live.Ban(1, Old))!.Message, Does.Contain("Item 4000 is not one of the index's: 0 to 3999."));
            Assert.Throws<ArgumentOutOfRangeException>(() => live.Unban(-1));
            Assert.Throws<ArgumentNullException>(() => _ = new LiveIndex(null!));
            Assert.That(live.Version, Is.Zero);
            Assert.That(live.CountAvailable, Is.EqualTo(Old));
            Assert.That(live.CataloguesAlive, Is.EqualTo(1));
        });
    }
}
