using System.Diagnostics.Metrics;
using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Serving;

/// <summary>What a monitor says of recommenders, what it samples, and that requests do not notice.</summary>
[NonParallelizable]
public sealed class RecallMonitorTests
{
    private const int N = 10;

    private readonly int[] _items = new int[N];
    private readonly float[] _scores = new float[N];
    private ServingCase _case = null!;

    [SetUp]
    public void Build() => _case = new ServingCase();

    [TearDown]
    public void Free() => _case.Dispose();

    [Test]
    public void An_index_that_finds_everything_has_recall_one()
    {
        using RecallMonitor monitor = new(new RecallMonitorOptions { Every = 1, LeastSamples = 20 });
        using Recommender recommender = Watched(monitor);
        Assert.That((monitor.Recall, monitor.Samples, monitor.Health.Status), Is.EqualTo((double.NaN, 0L, RecallStatus.Healthy)));
        Ask(recommender, 40);
        Assert.That(monitor.RunOnce(), Is.EqualTo(40));
        Assert.That(monitor.RunOnce(), Is.Zero);
        RecallHealth health = monitor.Health;
        Assert.That((health.Status, health.Recall, health.Samples), Is.EqualTo((RecallStatus.Healthy, 1.0, 40L)));
        Assert.That(health.Description, Does.Contain("1.0000 over 40 queries").And.Contain("0.95"));
        monitor.Reset();
        Assert.That(monitor.Samples, Is.Zero);
    }

    [Test]
    public void A_search_that_hardly_looks_is_degraded_and_published()
    {
        using ServingCase large = new(items: 4000, dimension: 24);
        using RecallMonitor monitor = new(new RecallMonitorOptions { Every = 1, LeastSamples = 50, Weight = 0.02 });
        using HnswIndex index = HnswIndex.Build(large.Policy.Items, new HnswOptions { M = 4, EfSearch = 1, LongestAsStarts = 0 }, large.Team);
        using Recommender recommender = new(large.Policy, index, new RecommenderOptions { Monitor = monitor, EfSearch = 1 });
        double published = double.NaN;
        using MeterListener listener = new()
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == ServingMeter.AuditRecall)
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<double>((_, value, _, _) => published = value);
        listener.Start();
        double expected = 0;
        for (int number = 0; number < 60; number++)
        {
            float[] context = large.Context(number);
            recommender.Recommend(context, _items, _scores);
            double x = (double)_items.Intersect(large.Ranked(context).Take(N)).Count() / N;
            expected += Math.Max(0.02, 1.0 / (number + 1)) * (x - expected);
        }

        Assert.That(monitor.RunOnce(), Is.EqualTo(60));

        // Batches of sixteen share their mean: one batch's order within itself is all that may differ, in weights 0.02 (1 − 0.02)^i.
        Assert.That(monitor.Recall, Is.EqualTo(expected).Within(0.02));
        Assert.That(published, Is.EqualTo(monitor.Recall));
        Assert.That(monitor.Recall, Is.LessThan(0.9));
        Assert.That(monitor.Health.Status, Is.EqualTo(RecallStatus.Degraded));
    }

    /// <summary>Without the bans the exact scan would find what the recommender may not, and the recall would be far from 1.</summary>
    [Test]
    public void Bans_and_additions_are_those_of_the_recommender()
    {
        using RecallMonitor monitor = new(new RecallMonitorOptions { Every = 1 });
        using Recommender recommender = Watched(monitor);
        int[] banned = [.. Enumerable.Range(0, 20).SelectMany(number => _case.Ranked(_case.Context(number)).Take(5)).Distinct()];
        recommender.Ban(banned);
        using Matrix added = Seeded.Matrix(77, 30, _case.Dimension, 2);
        recommender.Add([.. Enumerable.Range(0, 30).Select(i => $"new-{i}")], added, _case.Team);
        Ask(recommender, 20);
        Assert.That(_items.Intersect(banned), Is.Empty);
        Assert.That(monitor.RunOnce(), Is.EqualTo(20));
        Assert.That(monitor.Recall, Is.EqualTo(1));

        // Three are left: these are compared.
        recommender.Ban([.. Enumerable.Range(3, recommender.ItemCount - 3)]);
        Ask(recommender, 20);
        Assert.That((monitor.RunOnce(), monitor.Recall), Is.EqualTo((20, 1.0)));
        recommender.Ban(0, 1, 2);
        Ask(recommender, 20);
        Assert.That((monitor.RunOnce(), monitor.Samples), Is.EqualTo((0, 40L)), "nothing is available");
    }

    [Test]
    public void Each_nth_request_is_sampled_in_order_until_the_ring_is_full()
    {
        List<QuerySampler> ended = [];
        using (QuerySampler sampler = new(3, 4, 2, ended.Add))
        {
            for (int i = 0; i < 6; i++)
                sampler.Offer([i, -i]);
            Assert.That(sampler.Take(), Is.EqualTo(4));
            for (int i = 0; i < 4; i++)
                Assert.That(sampler.Taken.Row(i).ToArray(), Is.EqualTo((float[])[i, -i]));
            sampler.Offer([7, 7]);
            Assert.That((sampler.Take(), sampler.Taken.Row(0)[0]), Is.EqualTo((1, 7f)));
            Assert.That(sampler.Take(), Is.Zero);
        }

        Assert.That(ended, Has.Count.EqualTo(1));
        using RecallMonitor monitor = new(new RecallMonitorOptions { Every = 7, Capacity = 5 });
        using Recommender recommender = Watched(monitor);
        foreach ((int asked, int audited) in ((int, int)[])[(6, 0), (1, 1), (14, 2), (6, 0), (1, 1), (700, 5)])
        {
            Ask(recommender, asked);
            Assert.That(monitor.RunOnce(), Is.EqualTo(audited));
        }
    }

    /// <summary>Each kept query is taken once and whole, whoever else offers.</summary>
    [Test]
    public void Queries_offered_at_once_are_kept_whole()
    {
        using QuerySampler sampler = new(1, 8, 16, _ => { });
        using CancellationTokenSource end = new();
        Task[] writers = [.. Enumerable.Range(1, 4).Select(writer => Task.Run(() =>
        {
            float[] query = new float[16];
            for (int i = 1; !end.IsCancellationRequested; i++)
            {
                Array.Fill(query, (writer * 1_000_000) + (i % 1_000_000));
                sampler.Offer(query);
            }
        }))];
        HashSet<float> seen = [];
        int taken = 0, twice = 0;
        long last = Environment.TickCount64 + 500;
        while (Environment.TickCount64 < last)
        {
            int count = sampler.Take();
            taken += count;
            for (int i = 0; i < count; i++)
            {
                float[] row = sampler.Taken.Row(i).ToArray();
                Assert.That(row, Is.All.EqualTo(row[0]));
                twice += taken < 100_000 && !seen.Add(row[0]) ? 1 : 0;
            }
        }

        end.Cancel();
        Assert.That(Task.WaitAll(writers, TimeSpan.FromMinutes(1)), Is.True);
        Assert.That(taken, Is.GreaterThan(8));
        TestContext.Out.WriteLine($"{taken} queries taken, {twice} numbers seen again after a million.");
    }

    [Test]
    public void A_request_that_is_sampled_is_answered_alike_and_allocates_nothing()
    {
        using RecallMonitor monitor = new(new RecallMonitorOptions { Every = 1, Capacity = 50_000 });
        using Recommender watched = Watched(monitor), other = new(_case.Policy, _case.Index);
        float[] context = _case.Context(3), expectedScores = new float[N];
        int[] expected = new int[N];
        other.Recommend(context, expected, expectedScores);
        watched.Recommend(context, _items, _scores);
        Assert.That(_items, Is.EqualTo(expected));
        Assert.That(_scores, Is.EqualTo(expectedScores));
        Allocations.AssertNone(() => watched.Recommend(context, _items, _scores));
    }

    [Test]
    public void One_monitor_watches_recommenders_that_follow_one_another()
    {
        using RecallMonitor monitor = new(new RecallMonitorOptions { Every = 1 });
        using ServingCase next = new(items: 80, dimension: 7, seed: 5);
        using RecommenderHost host = new(Watched(monitor));
        using (RecommenderLease lease = host.Acquire())
            Ask(lease.Recommender, 5);
        host.Replace(new Recommender(next.Policy, next.Index, new RecommenderOptions { Monitor = monitor }));
        using (RecommenderLease lease = host.Acquire())
            lease.Recommender.Recommend(next.Context(1), _items, _scores);
        Assert.That((monitor.RunOnce(), monitor.Recall), Is.EqualTo((1, 1.0)), "what the first was asked went with it");
    }

    [Test]
    public void In_the_background_it_audits_by_itself()
    {
        using CancellationTokenSource end = new();
        using RecallMonitor monitor = new(new RecallMonitorOptions { Every = 1, Interval = TimeSpan.FromMilliseconds(5), LargestShare = 1 });
        using Recommender recommender = Watched(monitor);
        monitor.Start(end.Token);
        Assert.That(() => monitor.Start(), Throws.InvalidOperationException);
        Ask(recommender, 20);
        Assert.That(() => monitor.Samples, Is.EqualTo(20).After(20_000, 10));
        end.Cancel();
        monitor.Dispose();
        Assert.That(() => monitor.RunOnce(), Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(() => monitor.Start(), Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(() => Watched(monitor), Throws.InstanceOf<ObjectDisposedException>());
        Ask(recommender, 3);
    }

    [Test]
    public void A_cancelled_audit_keeps_what_it_has_not_looked_at()
    {
        using RecallMonitor monitor = new(new RecallMonitorOptions { Every = 1 });
        using Recommender recommender = Watched(monitor);
        Ask(recommender, 5);
        Assert.That(() => monitor.RunOnce(new CancellationToken(true)), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(monitor.RunOnce(), Is.EqualTo(5));
    }

    [Test]
    public void Options_out_of_range_are_named()
    {
        RecallMonitorOptions good = new();
        foreach ((RecallMonitorOptions bad, string name) in ((RecallMonitorOptions, string)[])
            [
                (good with { Every = 0 }, "Every"), (good with { Capacity = 0 }, "Capacity"), (good with { K = 0 }, "K"),
                (good with { Bound = double.NaN }, "Bound"), (good with { Weight = 0 }, "Weight"), (good with { LeastSamples = 0 }, "LeastSamples"),
                (good with { Interval = TimeSpan.Zero }, "Interval"), (good with { LargestShare = 1.1 }, "LargestShare"),
            ])
        {
            ArgumentOutOfRangeException error = Assert.Throws<ArgumentOutOfRangeException>(() => new RecallMonitor(bad).Dispose())!;
            Assert.That(error.ParamName, Is.EqualTo(name));
        }
    }

    private Recommender Watched(RecallMonitor monitor) => new(_case.Policy, _case.Index, new RecommenderOptions { Monitor = monitor });

    private void Ask(Recommender recommender, int requests)
    {
        for (int number = 0; number < requests; number++)
            recommender.Recommend(_case.Context(number), _items, _scores);
    }
}
