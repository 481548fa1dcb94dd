using System.Diagnostics;
using System.Diagnostics.Metrics;
using KernelPolicy.Index;
using KernelPolicy.Policy;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Serving;

/// <summary>What requests measure, and that measuring costs no memory.</summary>
[NonParallelizable]
public sealed class ServingMetricsTests
{
    private const int N = 10;

    private readonly float[] _scores = new float[N];
    private readonly int[] _items = new int[N];
    private ServingCase _case = null!;
    private Recommender _recommender = null!;

    [SetUp]
    public void Build()
    {
        _case = new ServingCase();
        _recommender = new Recommender(_case.Policy, _case.Index);
    }

    [TearDown]
    public void Free()
    {
        _recommender.Dispose();
        _case.Dispose();
    }

    [Test]
    public void A_request_is_measured_once()
    {
        using Listener listener = new();
        _recommender.Recommend(_case.Context(1), _items, _scores);
        _recommender.RecommendTo([3, 4], _items, _scores, new RecommendationScope { Excluded = [3, 4] });
        using (Assert.EnterMultipleScope())
        {
            double[] search = listener.Of(ServingMeter.SearchDuration), whole = listener.Of(ServingMeter.RecommendDuration);
            Assert.That(search, Has.Length.EqualTo(2));
            Assert.That(whole, Has.Length.EqualTo(2));
            Assert.That(search, Has.All.Positive);
            for (int i = 0; i < 2; i++)
                Assert.That(whole[i], Is.GreaterThanOrEqualTo(search[i]));
            Assert.That(listener.Of(ServingMeter.VisitedNodes), Has.Length.EqualTo(2));
            Assert.That(listener.Of(ServingMeter.Errors), Is.Empty);
            Assert.That(listener.Units[ServingMeter.SearchDuration], Is.EqualTo("s"));
            Assert.That(listener.Units[ServingMeter.RecommendDuration], Is.EqualTo("s"));
        }
    }

    [Test]
    public void An_exploration_is_a_request()
    {
        using Listener listener = new();
        using RecallMonitor monitor = new(new RecallMonitorOptions { Every = 1 });
        using Recommender watched = new(_case.Policy, _case.Index, new RecommenderOptions { Monitor = monitor });
        ExplorationOptions options = new() { Kind = ExplorationKind.Softmax };
        ExploredItem[] slate = new ExploredItem[N];
        watched.Explore(_case.Context(1), slate, options, 1);
        watched.ExploreFor([3, 4], slate, options, 2);
        Assert.That(() => watched.Explore(new float[3], slate, options, 1), Throws.ArgumentException);
        Assert.That(() => watched.ExploreFor([-1], slate, options, 1), Throws.ArgumentException);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(listener.Of(ServingMeter.RecommendDuration), Has.Length.EqualTo(2).And.All.Positive);
            Assert.That(listener.Of(ServingMeter.SearchDuration), Has.Length.EqualTo(2));
            Assert.That(listener.Of(ServingMeter.VisitedNodes), Has.Length.EqualTo(2));
            Assert.That(listener.Of(ServingMeter.Errors), Is.EqualTo((double[])[1, 1]));
            Assert.That(monitor.RunOnce(), Is.EqualTo(2));
        }
    }

    /// <summary>A filter that allows 7 items leaves a scan of those 7; a search that follows all of a graph scores each node of it at
    /// least once; a narrow search of the same graph scores fewer.</summary>
    [Test]
    public void Nodes_are_those_of_the_search()
    {
        using Listener listener = new();
        using Recommender narrow = new(_case.Policy, _case.Index, new RecommenderOptions { EfSearch = N });
        _recommender.Recommend(_case.Context(1), _items, _scores, new RecommendationScope { Allowed = ItemFilter.Allow(_case.ItemCount, [1, 2, 3, 4, 5, 6, 7]) });
        _recommender.Recommend(_case.Context(1), _items, _scores);
        narrow.Recommend(_case.Context(1), _items, _scores);
        double[] nodes = listener.Of(ServingMeter.VisitedNodes);
        Assert.That(nodes[0], Is.EqualTo(7));
        Assert.That(nodes[1], Is.GreaterThanOrEqualTo(_case.ItemCount));
        Assert.That(nodes[2], Is.GreaterThanOrEqualTo(N).And.LessThan(nodes[1]));
        narrow.Recommend(_case.Context(1), _items, _scores);
        Assert.That(listener.Of(ServingMeter.VisitedNodes)[3], Is.EqualTo(nodes[2]), "the same search again");
    }

    [Test]
    public void Errors_bear_the_type_of_the_exception()
    {
        using Listener listener = new();
        Assert.That(() => _recommender.Recommend(new float[3], _items, _scores), Throws.ArgumentException);
        Assert.That(() => _recommender.RecommendTo([-1], _items, _scores), Throws.ArgumentException);
        _recommender.Dispose();
        Assert.That(() => _recommender.Recommend(_case.Context(1), _items, _scores), Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(listener.Of(ServingMeter.Errors), Is.EqualTo((double[])[1, 1, 1]));
        Assert.That(
            listener.Tags, Is.EqualTo((string[])["System.ArgumentException", "System.ArgumentException", "System.ObjectDisposedException"]));
        Assert.That(listener.Of(ServingMeter.RecommendDuration), Is.Empty, "only what succeeded has a duration");
    }

    [Test]
    public void Swaps_are_counted()
    {
        using Listener listener = new();
        using RecommenderHost host = new(new Recommender(_case.Policy, _case.Index));
        host.Replace(new Recommender(_case.Policy, _case.Index));
        host.Replace(new Recommender(_case.Policy, _case.Index));
        Assert.That(listener.Of(ServingMeter.Swaps), Is.EqualTo((double[])[1, 1]));
    }

    [Test]
    public void Measuring_allocates_nothing([Values] bool listens)
    {
        float[] context = _case.Context(1);
        int[] history = [1, 2, 3];
        s_sum = 0;
        using MeterListener? listener = listens ? Summing() : null;
        Allocations.AssertNone(() => _recommender.Recommend(context, _items, _scores));
        Allocations.AssertNone(() => _recommender.RecommendTo(history, _items, _scores, new RecommendationScope { Excluded = history }));
        Assert.That(s_sum > 0, Is.EqualTo(listens));
    }

    /// <summary>What a listener costs a request: blocks of requests without and with one take turns, so that whatever else the
    /// machine does falls on both. The least of each says what it takes undisturbed.</summary>
    [Test, Explicit("It measures, for ServingMeter's remarks."), Category("Long")]
    public void What_measuring_takes()
    {
        const int Requests = 2000, Rounds = 300;
        float[] context = _case.Context(1);
        using Recommender narrow = new(_case.Policy, _case.Index, new RecommenderOptions { EfSearch = N });
        double[][] nanoseconds = [new double[Rounds], new double[Rounds]];
        for (int round = -20; round < Rounds; round++)
        {
            foreach (int listens in (int[])[0, 1])
            {
                using MeterListener? listener = listens == 1 ? Summing() : null;
                long start = Stopwatch.GetTimestamp();
                for (int request = 0; request < Requests; request++)
                    narrow.Recommend(context, _items, _scores);
                double each = Stopwatch.GetElapsedTime(start).TotalNanoseconds / Requests;
                if (round >= 0)
                    nanoseconds[listens][round] = each;
            }
        }

        foreach (double[] one in nanoseconds)
            Array.Sort(one);
        TestContext.Out.WriteLine(
            $"ns a request without and with a listener: least {nanoseconds[0][0]:0} and {nanoseconds[1][0]:0}, "
            + $"median {nanoseconds[0][Rounds / 2]:0} and {nanoseconds[1][Rounds / 2]:0}");
        Assert.That(nanoseconds[1][0], Is.GreaterThan(nanoseconds[0][0]));
    }

    private static double s_sum;

    private static MeterListener Summing()
    {
        MeterListener listener = new()
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == ServingMeter.Name)
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<double>((_, value, _, _) => s_sum += value);
        listener.SetMeasurementEventCallback<long>((_, value, _, _) => s_sum += value);
        listener.Start();
        return listener;
    }

    /// <summary>Keeps what this test's thread records.</summary>
    private sealed class Listener : IDisposable
    {
        private readonly MeterListener _listener = new();
        private readonly List<(string Name, double Value)> _values = [];
        private readonly int _thread = Environment.CurrentManagedThreadId;

        public Listener()
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name != ServingMeter.Name)
                    return;
                Units[instrument.Name] = instrument.Unit;
                listener.EnableMeasurementEvents(instrument);
            };
            _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Keep(instrument, value, tags));
            _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Keep(instrument, value, tags));
            _listener.Start();
        }

        public Dictionary<string, string?> Units { get; } = [];

        public List<string> Tags { get; } = [];

        public double[] Of(string name) => [.. _values.Where(value => value.Name == name).Select(value => value.Value)];

        public void Dispose() => _listener.Dispose();

        private void Keep(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            if (Environment.CurrentManagedThreadId != _thread)
                return;
            _values.Add((instrument.Name, value));
            foreach ((string key, object? tag) in tags)
            {
                Assert.That(key, Is.EqualTo(ServingMeter.ErrorType));
                Tags.Add((string)tag!);
            }
        }
    }
}
