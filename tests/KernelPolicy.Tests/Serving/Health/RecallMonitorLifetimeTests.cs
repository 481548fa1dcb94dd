using KernelPolicy.Index;
using KernelPolicy.Policy;
using NUnit.Framework;

namespace KernelPolicy.Tests.Serving;

/// <summary>A monitor's start and end, and the recommenders it watches one after another.</summary>
[NonParallelizable]
public sealed class RecallMonitorLifetimeTests
{
    private const int N = 10;

    private readonly int[] _items = new int[N];
    private readonly float[] _scores = new float[N];
    private ServingCase _case = null!;

    [SetUp]
    public void Build() => _case = new ServingCase(items: 60);

    [TearDown]
    public void Free() => _case.Dispose();

    /// <summary>Whichever comes first, the thread is joined or never begins, and nothing is thrown on it, which would end the
    /// process.</summary>
    [Test]
    public void A_start_may_race_with_the_end()
    {
        int started = 0;
        for (int trial = 0; trial < 300; trial++)
        {
            RecallMonitor monitor = new(new RecallMonitorOptions { Interval = TimeSpan.FromMilliseconds(1) });
            using Barrier both = new(3);
            Task<bool> start = Task.Run(() =>
            {
                both.SignalAndWait();
                try
                {
                    monitor.Start();
                    return true;
                }
                catch (ObjectDisposedException)
                {
                    return false;
                }
            });
            Task[] ends = [.. Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
            {
                both.SignalAndWait();
                Thread.SpinWait(20 * trial);
                monitor.Dispose();
            }))];
            Assert.That(Task.WaitAll([start, .. ends], TimeSpan.FromMinutes(1)), Is.True);
            started += start.Result ? 1 : 0;
            Assert.That(() => monitor.Start(), Throws.InstanceOf<ObjectDisposedException>());
        }

        TestContext.Out.WriteLine($"{started} of 300 were started before they ended.");
    }

    [Test]
    public void It_is_started_once_of_many_times()
    {
        using RecallMonitor monitor = new();
        int started = 0;
        Parallel.For(0, 8, _ =>
        {
            try
            {
                monitor.Start();
                Interlocked.Increment(ref started);
            }
            catch (InvalidOperationException)
            {
                // Another was first.
            }
        });
        Assert.That(started, Is.EqualTo(1));
    }

    /// <summary>1/share − 1 times an audit's duration would be years, longer than any wait: it must not end the process.</summary>
    [Test]
    public void The_smallest_share_is_a_long_rest()
    {
        using RecallMonitor monitor = new(new RecallMonitorOptions
        {
            Every = 1, LargestShare = double.Epsilon, Interval = TimeSpan.FromMilliseconds(1),
        });
        using Recommender recommender = Watched(monitor);
        Ask(recommender, 5);
        monitor.Start();
        Assert.That(() => monitor.Samples, Is.EqualTo(5).After(20_000, 10));
        Thread.Sleep(50);
        Ask(recommender, 5);
        Assert.That(() => monitor.Samples, Is.EqualTo(5).After(50));
    }

    [Test]
    public void A_recommender_whose_monitor_has_ended_takes_no_share_of_the_graph()
    {
        RecallMonitor ended = new();
        ended.Dispose();
        HnswIndex index = HnswIndex.Build(_case.Policy.Items, null, _case.Team);
        HnswGraph graph = index.Graph;
        Assert.That(() => Watched(ended, index), Throws.InstanceOf<ObjectDisposedException>());
        index.Dispose();
        Assert.That(() => IsFreed(graph), Throws.InstanceOf<ObjectDisposedException>(), "the last share is gone");
        Assert.That(() => Watched(null, index), Throws.InstanceOf<ObjectDisposedException>(), "the index is disposed");

        static unsafe bool IsFreed(HnswGraph graph) => graph.Ground.Storage.Pointer == null;
    }

    [Test]
    public void A_monitor_may_end_before_its_recommenders()
    {
        RecallMonitor monitor = new(new RecallMonitorOptions { Every = 1, Capacity = 2 });
        using Recommender recommender = Watched(monitor);
        Ask(recommender, 1);
        monitor.Dispose();
        Ask(recommender, 10);
        monitor.Dispose();
    }

    /// <summary>The first recommender finds nothing: what it was asked must not count for the second, though a request of the first
    /// still runs.</summary>
    [Test]
    public void A_replacement_begins_the_recall_anew()
    {
        using RecallMonitor monitor = new(new RecallMonitorOptions { Every = 1 });
        using ServingCase large = new(items: 4000, dimension: 24);
        using HnswIndex poor = HnswIndex.Build(large.Policy.Items, new HnswOptions { M = 4, EfSearch = 1, LongestAsStarts = 0 }, large.Team);
        using RecommenderHost host = new(new Recommender(large.Policy, poor, new RecommenderOptions { Monitor = monitor }));
        using (RecommenderLease old = host.Acquire())
        {
            for (int number = 0; number < 20; number++)
                old.Recommender.Recommend(large.Context(number), _items, _scores);
            Assert.That((monitor.RunOnce(), monitor.Recall < 0.9), Is.EqualTo((20, true)));
            for (int number = 0; number < 20; number++)
                old.Recommender.Recommend(large.Context(number), _items, _scores);
            host.Replace(Watched(monitor));
            Assert.That((monitor.Recall, monitor.Samples), Is.EqualTo((double.NaN, 0L)));
            old.Recommender.Recommend(large.Context(1), _items, _scores);
            Assert.That(monitor.RunOnce(), Is.Zero, "what the first is still asked");
        }

        using (RecommenderLease lease = host.Acquire())
            Ask(lease.Recommender, 7);
        Assert.That((monitor.RunOnce(), monitor.Recall, monitor.Samples), Is.EqualTo((7, 1.0, 7L)));
        host.Replace(new Recommender(_case.Policy, _case.Index));
        Assert.That(monitor.Samples, Is.EqualTo(7), "the third has no monitor, or another");
    }

    /// <summary>Audits, resets and replacements at once: the recall is that of the good index alone after the last replacement.</summary>
    [Test]
    public void Audits_may_race_with_replacements()
    {
        using RecallMonitor monitor = new(new RecallMonitorOptions { Every = 1, Capacity = 64 });
        using ServingCase large = new(items: 2000, dimension: 12);
        using HnswIndex poor = HnswIndex.Build(large.Policy.Items, new HnswOptions { M = 4, EfSearch = 1, LongestAsStarts = 0 }, large.Team);
        RecommenderOptions watched = new() { Monitor = monitor };
        using RecommenderHost host = new(new Recommender(large.Policy, poor, watched));
        using CancellationTokenSource end = new();
        Task audits = Task.Run(() =>
        {
            while (!end.IsCancellationRequested)
                monitor.RunOnce();
        });
        Task requests = Task.Run(() =>
        {
            int[] items = new int[N];
            float[] scores = new float[N];
            for (int number = 0; !end.IsCancellationRequested; number++)
            {
                using RecommenderLease lease = host.Acquire();
                lease.Recommender.Recommend(large.Context(number % 100), items, scores);
            }
        });
        for (int swap = 0; swap < 60; swap++)
        {
            host.Replace(new Recommender(large.Policy, poor, watched));
            Thread.Sleep(3);
            host.Replace(new Recommender(large.Policy, large.Index, watched));
            Thread.Sleep(3);
            Assert.That(monitor.Recall, Is.NaN.Or.GreaterThan(0.999), $"of {monitor.Samples} samples after swap {swap}");
        }

        end.Cancel();
        Assert.That(Task.WaitAll([audits, requests], TimeSpan.FromMinutes(1)), Is.True);
    }

    private Recommender Watched(RecallMonitor? monitor, HnswIndex? index = null) =>
        new(_case.Policy, index ?? _case.Index, new RecommenderOptions { Monitor = monitor });

    private void Ask(Recommender recommender, int requests)
    {
        for (int number = 0; number < requests; number++)
            recommender.Recommend(_case.Context(number), _items, _scores);
    }
}
