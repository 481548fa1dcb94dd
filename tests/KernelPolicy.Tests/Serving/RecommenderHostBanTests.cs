using KernelPolicy.Kernels;
using KernelPolicy.Policy;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Serving;

/// <summary>Bans and removals by id hold whatever recommender serves.</summary>
public sealed class RecommenderHostBanTests
{
    private const int N = 10;

    private readonly int[] _items = new int[N];
    private readonly float[] _scores = new float[N];
    private ServingCase _first = null!;
    private ServingCase _second = null!;
    private RecommenderHost _host = null!;

    [SetUp]
    public void Build()
    {
        (_first, _second) = (new ServingCase(items: 60), new ServingCase(items: 80, seed: 5));
        _host = new RecommenderHost(new Recommender(_first.Policy, _first.Index));
    }

    [TearDown]
    public void Free()
    {
        _host.Dispose();
        _second.Dispose();
        _first.Dispose();
    }

    /// <summary>Item 70 is one of the second alone.</summary>
    [Test]
    public void The_next_recommender_obeys_what_was_banned_and_removed()
    {
        Assert.That(_host.Ban("item-5", "item-70", "nobody"), Is.EqualTo(1));
        Assert.That(_host.Remove("item-6", "item-71"), Is.EqualTo(1));
        Assert.That(Available(), Is.EqualTo((58, "")), "of 60");
        Replace(_second);
        Assert.That(Available(), Is.EqualTo((76, "item-5 item-6 item-70 item-71")), "of 80");
        Assert.That(_host.Unban("item-5", "item-6", "item-70"), Is.EqualTo(3));
        Assert.That(Available(), Is.EqualTo((78, "item-6 item-71")), "removed items stay so");
        Replace(_second);
        Assert.That(Available(), Is.EqualTo((78, "item-6 item-71")));
        Assert.That((_host.Ban(), _host.Unban(), _host.Remove()), Is.EqualTo((0, 0, 0)));

        // Of all that is not available, the names; of the first recommender nobody asks.
        (int, string) Available()
        {
            using RecommenderLease lease = _host.Acquire();
            Recommender recommender = lease.Recommender;
            int[] items = new int[recommender.ItemCount];
            int found = recommender.Recommend(_first.Context(1), items, new float[items.Length]);
            Assert.That(found, Is.EqualTo(recommender.AvailableCount));
            IEnumerable<int> missing = Enumerable.Range(0, recommender.ItemCount).Except(items[..found]);
            return (found, _host.Version == 0 ? "" : string.Join(' ', missing.Select(recommender.IdOf)));
        }
    }

    [Test]
    public void A_ban_outlasts_a_bundle_that_does_not_know_the_item()
    {
        using ServingCase other = new(items: 60, idPrefix: "other-");
        _host.Ban("item-5");
        Replace(other);
        Assert.That(Recommends("item-5"), Is.False);
        Replace(_second);
        Assert.That(Recommends("item-5"), Is.False);
        Replace(other);
        _host.Unban("item-5");
        Replace(_second);
        Assert.That(Recommends("item-5"), Is.True);
    }

    [Test]
    public void What_is_banned_here_is_not_added_and_comes_banned_with_the_next()
    {
        _host.Ban("new");
        _host.Remove("newer");
        using Matrix vectors = Seeded.Matrix(3, 1, _first.Dimension, 3);
        using (RecommenderLease lease = _host.Acquire())
        {
            Recommender recommender = lease.Recommender;
            Assert.That(() => recommender.Add(["new"], vectors, _first.Team), Throws.ArgumentException.With.Message.Contains("'new' is banned"));
            Assert.That(() => recommender.Add(["newer"], vectors, _first.Team), Throws.ArgumentException.With.Message.Contains("'newer' is removed"));
            Assert.That(recommender.ItemCount, Is.EqualTo(60));
            _host.Unban("new");
            recommender.Add(["new"], vectors, _first.Team);
        }

        Assert.That(Recommends("new"), Is.True);
        Recommender next = new(_second.Policy, _second.Index);
        next.Add(["newer", "newest"], Twice(vectors), _second.Team);
        _host.Replace(next);
        Assert.That((Recommends("newer"), Recommends("newest")), Is.EqualTo((false, true)));
        Assert.That(Recommends("new"), Is.False, "additions go with their recommender");
    }

    /// <summary>An item whose id is banned while it is being added is in no answer, not even for the time between its coming and its
    /// ban; the others that came with it are.</summary>
    [Test]
    public void A_ban_during_an_addition_holds()
    {
        const int Added = 300;
        int met = 0;
        for (int trial = 0; trial < 20; trial++)
        {
            using Matrix vectors = Seeded.Matrix(trial, Added, _first.Dimension, 3);
            string[] ids = [.. Enumerable.Range(0, Added).Select(i => $"new-{trial}-{i}")];
            using RecommenderLease lease = _host.Acquire();
            Recommender recommender = lease.Recommender;
            int first = recommender.ItemCount;
            Task add = Task.Run(() => recommender.Add(ids, vectors, _first.Team));
            SpinWait.SpinUntil(() => IsNamed(recommender, first) || add.IsCompleted);
            _host.Ban([.. ids.Where((_, i) => i % 2 == 0)]);
            met += add.IsCompleted ? 0 : 1;
            bool isOver;
            do
            {
                isOver = add.IsCompleted;
                Assert.That(Answer(recommender).Where(item => item >= first && (item - first) % 2 == 0), Is.Empty, $"trial {trial}");
            }
            while (!isOver);
            add.Wait();
            Assert.That(Answer(recommender).Count(item => item >= first), Is.EqualTo(Added / 2), $"trial {trial}");
        }

        Assert.That(met, Is.Positive, "trials in which the ban came before the end of the addition");

        int[] Answer(Recommender recommender)
        {
            int[] items = new int[recommender.ItemCount];
            return items[..recommender.Recommend(_first.Context(1), items, new float[items.Length])];
        }

        // Items have their names before they are there.
        static bool IsNamed(Recommender recommender, int item)
        {
            try
            {
                return recommender.IdOf(item).Length > 0;
            }
            catch (ArgumentOutOfRangeException)
            {
                return false;
            }
        }
    }

    [Test]
    public void Mistakes_change_nothing()
    {
        Assert.That(() => _host.Ban("item-1", null!), Throws.ArgumentException.With.Message.Contains("Id 1 of 2 is null"));
        Assert.That(Recommends("item-1"), Is.True);
        Assert.That(() => _host.Replace(null!), Throws.ArgumentNullException);
        Assert.That(() => new RecommenderHost(null!), Throws.ArgumentNullException);
        Recommender ended = new(_second.Policy, _second.Index);
        ended.Dispose();
        _host.Ban("item-2");
        Assert.That(() => _host.Replace(ended), Throws.InstanceOf<ObjectDisposedException>());
        Assert.That((_host.Version, Recommends("item-1")), Is.EqualTo((0L, true)));
        _host.Dispose();
        using Recommender late = new(_second.Policy, _second.Index);
        Assert.That(() => _host.Replace(late), Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(late.AvailableCount, Is.EqualTo(80), "it stays the caller's");
        Assert.That(() => _host.Ban("item-1"), Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(() => _host.Unban("item-1"), Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(() => _host.Remove("item-1"), Throws.InstanceOf<ObjectDisposedException>());
    }

    /// <summary>No request that began after the return of a ban is given the item, whichever of the recommenders it meets; and none
    /// after the return of an Unban goes without.</summary>
    [Test]
    public void A_swap_that_races_with_a_ban_loses_none()
    {
        float[] context = _first.Context(1);
        string best = $"item-{_first.Ranked(context)[0]}";
        using CancellationTokenSource end = new();
        Task swaps = Task.Run(() =>
        {
            while (!end.IsCancellationRequested)
                Replace(_first);
        });
        for (int trial = 0; trial < 2000; trial++)
        {
            Assert.That(_host.Ban(best), Is.EqualTo(1));
            Assert.That(Recommends(best, context), Is.False, $"trial {trial}");
            Assert.That(_host.Unban(best), Is.EqualTo(1));
            Assert.That(Recommends(best, context), Is.True, $"trial {trial}");
        }

        end.Cancel();
        Assert.That(swaps.Wait(TimeSpan.FromMinutes(1)), Is.True);
        TestContext.Out.WriteLine($"{_host.Version} swaps");
        Assert.That(_host.Version, Is.GreaterThan(10));
    }

    private static Matrix Twice(Matrix one)
    {
        Matrix two = new(2, one.Columns);
        one.Row(0).CopyTo(two.Row(0));
        one.Row(0).CopyTo(two.Row(1));
        return two;
    }

    private void Replace(ServingCase by) => _host.Replace(new Recommender(by.Policy, by.Index));

    /// <summary>Whether an item is among the best of a context, or where there is none, among all.</summary>
    private bool Recommends(string id, float[]? context = null)
    {
        using RecommenderLease lease = _host.Acquire();
        Recommender recommender = lease.Recommender;
        int[] items = context is null ? new int[recommender.ItemCount] : _items;
        int found = recommender.Recommend(context ?? _first.Context(1), items, context is null ? new float[items.Length] : _scores);
        return recommender.TryFind(id, out int item) && items.AsSpan(0, found).Contains(item);
    }
}
