using System.Diagnostics.Metrics;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;
using NUnit.Framework;

namespace KernelPolicy.Tests.Serving;

/// <summary>Everything at once: requests of every kind, bans, additions, removals, audits and swaps of bundles.</summary>
[NonParallelizable]
public sealed class ServingStressTests
{
    private const int Requesters = 8;

    private readonly List<Recommender> _opened = [];
    private readonly BanTimes _bans = new(400);
    private StressCase[] _cases = null!;
    private RecallMonitor _monitor = null!;
    private RecommenderHost _host = null!;
    private string _folder = null!;
    private bool _over;

    [SetUp]
    public void Build()
    {
        _folder = Directory.CreateTempSubdirectory("kernelpolicy-stress-").FullName;
        _cases = [new StressCase(400, 1, _folder), new StressCase(500, 5, _folder)];
        _monitor = new RecallMonitor(new RecallMonitorOptions { Every = 3, Interval = TimeSpan.FromMilliseconds(5), LargestShare = 1 });
        _host = new RecommenderHost(Open(0));
        _over = false;
    }

    [TearDown]
    public void Free()
    {
        _host.Dispose();
        _monitor.Dispose();
        Array.ForEach(_cases, one => one.Dispose());
        Directory.Delete(_folder, true);
    }

    /// <summary>Each answer is right for the recommender it came from: known items, falling scores, each h·β; none that was banned
    /// from before the request to its end; none better left out that nobody ever bans. In the end no memory of those replaced is
    /// held.</summary>
    [TestCase(2)]
    [TestCase(12, Explicit = true, Reason = "The same for longer.", Category = "Long")]
    public void Answers_are_right_whatever_else_happens(int seconds)
    {
        long audits = 0;
        using MeterListener listener = new()
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == ServingMeter.Name)
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<double>((instrument, _, _, _) =>
        {
            if (instrument.Name == ServingMeter.AuditRecall)
                Interlocked.Increment(ref audits);
        });
        listener.Start();
        _monitor.Start();
        StressRequests[] requests = [.. Enumerable.Range(0, Requesters).Select(self => new StressRequests(self, _host, _cases, _bans, Contested()))];
        Task[] tasks =
        [
            .. requests.Select(one => Run(() => one.Ask())),
            Run(BanAndUnban), Run(BanByNumber), Run(AddAndRemove), Run(Swap),
        ];
        int first = Task.WaitAny(tasks, TimeSpan.FromSeconds(seconds));
        Volatile.Write(ref _over, true);
        Assert.That(Task.WhenAll(tasks).ContinueWith(_ => { }, TaskScheduler.Default).Wait(TimeSpan.FromMinutes(1)), Is.True, "all end");
        Assert.That(tasks.Where(task => task.IsFaulted).Select(task => task.Exception!.ToString()), Is.Empty);
        Assert.That(first, Is.EqualTo(-1), "nobody ended before");
        Assert.That(audits, Is.Positive);
        for (int i = 0; i < 10 * StressRequests.Kinds; i++)
            requests[0].Ask();
        _monitor.RunOnce();
        Assert.That(_monitor.Recall, Is.GreaterThan(0.99), _monitor.Health.Description);
        long[] asked = [.. Enumerable.Range(0, StressRequests.Kinds).Select(kind => requests.Sum(one => one.Asked[kind]))];
        TestContext.Out.WriteLine(
            $"{string.Join(", ", asked)} requests of each kind; {_host.Version} swaps; {requests.Sum(one => one.Banned)} banned items checked; "
            + $"{audits} audits");
        Assert.That(asked, Has.All.Positive);
        Assert.That(_host.Version, Is.GreaterThan(2));
        foreach (Recommender replaced in _opened[..^1])
            Assert.That(() => replaced.IdOf(0), Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(Mappings(), Is.EqualTo(OperatingSystem.IsLinux() ? 1 : 0), "the last bundle's");
        _host.Dispose();
        Assert.That(Mappings(), Is.Zero);
    }

    /// <summary>Items that are good for some question, of all bundles: those that bans are about.</summary>
    private HashSet<int> Contested() =>
        [.. _cases.SelectMany(one => one.Ranked.SelectMany(ranked => ranked.Take(3))).Where(item => item < _bans.Count)];

    private void BanAndUnban()
    {
        int[] contested = [.. Contested().Where(item => item % 2 == 0)];
        for (int i = 0; !Volatile.Read(ref _over); i++)
        {
            int[] some = [.. Enumerable.Range(5 * i, 5).Select(place => contested[place % contested.Length]).Distinct()];
            string[] ids = [.. some.Select(item => $"item-{item}")];
            _host.Ban(ids);
            Array.ForEach(some, _bans.Turn);
            Thread.Sleep(1);
            Array.ForEach(some, _bans.Turn);
            _host.Unban(ids);
        }
    }

    /// <summary>Bans that go with one recommender; who asks it is not given the item.</summary>
    private void BanByNumber()
    {
        int[] contested = [.. Contested().Where(item => item % 2 == 1)], items = new int[400];
        float[] scores = new float[400];
        for (int i = 0; !Volatile.Read(ref _over); i++)
        {
            int item = contested[i % contested.Length];
            using RecommenderLease lease = _host.Acquire();
            lease.Recommender.Ban(item);
            int found = lease.Recommender.Recommend(StressCase.Context(i % StressCase.Contexts), items, scores);
            if (items.AsSpan(0, found).Contains(item))
                throw new InvalidOperationException($"Item {item} is banned.");
            lease.Recommender.Unban(item);
            Thread.Sleep(1);
        }
    }

    /// <summary>Adds items in fours, removes half of them for good by their ids, and one of the contested now and then.</summary>
    private void AddAndRemove()
    {
        using WorkerTeam team = new(2);
        using Matrix four = new(4, _cases[0].Added.Columns);
        int[] contested = [.. Contested().Where(item => item % 8 == 7)];
        for (int next = 0; !Volatile.Read(ref _over); next += 4)
        {
            for (int i = 0; i < 4; i++)
                _cases[0].Added.Row((next + i) % StressCase.AddedVectors).CopyTo(four.Row(i));
            using (RecommenderLease lease = _host.Acquire())
                lease.Recommender.Add([.. Enumerable.Range(next, 4).Select(number => $"new-{number}")], four, team);
            _host.Remove($"new-{next}", $"new-{next + 2}");
            if (next % 64 == 0 && next / 64 < contested.Length)
            {
                _host.Remove($"item-{contested[next / 64]}");
                _bans.Turn(contested[next / 64]);
            }

            Thread.Sleep(2);
        }
    }

    private void Swap()
    {
        for (int next = 1; !Volatile.Read(ref _over); next++)
        {
            Thread.Sleep(15);
            _host.Replace(Open(next % 2));
        }
    }

    private Recommender Open(int which)
    {
        Recommender opened = Recommender.Open(_cases[which].Path, new RecommenderOptions { Monitor = _monitor });
        _opened.Add(opened);
        return opened;
    }

    /// <summary>How many bundles are mapped into memory; 0 where the system does not say.</summary>
    private int Mappings() => OperatingSystem.IsLinux()
        ? File.ReadLines("/proc/self/maps").Count(line => line.Contains(_folder, StringComparison.Ordinal))
        : 0;

    private Task Run(Action once) => Task.Factory.StartNew(
        () =>
        {
            // Requesters ask once a call, the others until it is over.
            do
                once();
            while (!Volatile.Read(ref _over));
        },
        CancellationToken.None,
        TaskCreationOptions.LongRunning,
        TaskScheduler.Default);
}
