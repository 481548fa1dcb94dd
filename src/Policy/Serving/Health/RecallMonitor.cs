using System.Diagnostics;
using KernelPolicy.Index;
using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>
/// Watches what share of the exact answers recommenders find, on queries of their own requests: samples them, and off the
/// requests' path compares the index's answer with an exact scan of the same items, bans and additions included.
/// </summary>
/// <remarks>
/// <para>Given to recommenders by <see cref="RecommenderOptions.Monitor"/>; one monitor may watch several, as those that follow
/// one another in a <see cref="RecommenderHost"/>, which begins the recall anew with each of them. Recommenders go on where it is
/// disposed before them, but none can be made with it any more.</para>
/// <para>Sampling: of the requests that share one scratch, so of all where they come one after another, each n-th; so the same
/// requests in the same order give the same samples. A request counts in memory of its own and never waits: while as many
/// queries wait as there are places, further ones are dropped. Costs a request one addition, and each n-th a copy of L
/// numbers; nothing is allocated.</para>
/// <para>What is compared: the top K of h among all available items at the time of the audit, the request's own filter and items
/// left out aside. Where scores tie at the K-th, another of the tied items counts as a miss (<see cref="RecallAudit"/>).</para>
/// <para>The recall is r ← r + max(α, 1/n)·(x − r) over samples x: the mean at first, then exponentially weighted. It is published
/// as <see cref="ServingMeter.AuditRecall"/>.</para>
/// <para>Thread safety: all members may be called from any thread; audits take turns.</para>
/// </remarks>
public sealed class RecallMonitor : IDisposable
{
    private static readonly TimeSpan LongestRest = TimeSpan.FromDays(1);

    private readonly RecallMonitorOptions _options;
    private readonly RecallAudit _audit;
    private readonly WorkerTeam _team = new(1);
    private readonly Lock _turn = new();
    private readonly Lock _list = new();
    private readonly Lock _life = new();
    private readonly CancellationTokenSource _end = new();
    private (Recommender Recommender, QuerySampler Sampler)[] _watched = [];
    private Estimate _estimate = Estimate.None();
    private Thread? _thread;
    private int _disposed;

    /// <summary>Makes a monitor, which audits when <see cref="RunOnce"/> is called or after <see cref="Start"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public RecallMonitor(RecallMonitorOptions? options = null)
    {
        _options = options is null ? new RecallMonitorOptions() : options with { };
        _options.Validate();
        _audit = new RecallAudit(QuerySampler.AtOnce, _options.K);
    }

    /// <summary>The recall; NaN before the first sample.</summary>
    public double Recall => Volatile.Read(ref _estimate).Recall;

    /// <summary>Queries audited.</summary>
    public long Samples => Volatile.Read(ref _estimate).Samples;

    /// <summary>The judgement as of now.</summary>
    public RecallHealth Health
    {
        get
        {
            (double recall, long samples, string? fault) = Volatile.Read(ref _estimate);
            string measured = samples == 0 ? "No query has been audited" : $"Recall at {_options.K} is {recall:0.0000} over {samples} queries";
            (RecallStatus status, string why) = fault is not null
                ? (RecallStatus.Degraded, $"the last audit failed: {fault}")
                : samples < _options.LeastSamples
                    ? (RecallStatus.Healthy, $"{_options.LeastSamples} are needed to judge")
                    : recall >= _options.Bound
                        ? (RecallStatus.Healthy, $"at least {_options.Bound} is asked for")
                        : (RecallStatus.Degraded, $"at least {_options.Bound} is asked for");
            return new RecallHealth(status, recall, samples, $"{measured}; {why}.");
        }
    }

    /// <summary>Audits on a background thread of lowest priority from now on, until the token or <see cref="Dispose"/> ends it.
    /// Where the system ignores priorities, as Linux does, <see cref="RecallMonitorOptions.LargestShare"/> alone bounds what it
    /// takes.</summary>
    /// <exception cref="InvalidOperationException">It was started before.</exception>
    /// <exception cref="ObjectDisposedException">It is disposed.</exception>
    public void Start(CancellationToken cancellation = default)
    {
        // Against Dispose, which must find the thread either running or never started.
        lock (_life)
        {
            ThrowIfDisposed();
            if (_thread is not null)
                throw new InvalidOperationException("The monitor has been started before.");
            CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _end.Token);
            Thread thread = new(() => Serve(either))
            {
                IsBackground = true, Name = "KernelPolicy recall monitor", Priority = ThreadPriority.Lowest,
            };
            thread.Start();
            _thread = thread;
        }
    }

    /// <summary>Audits the queries that wait, on this thread.</summary>
    /// <param name="cancellation">Looked at after every 16 queries; what was audited until then counts.</param>
    /// <returns>How many queries were audited.</returns>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">It is disposed.</exception>
    public int RunOnce(CancellationToken cancellation = default)
    {
        lock (_turn)
        {
            ThrowIfDisposed();
            int audited = 0;
            foreach ((Recommender recommender, QuerySampler sampler) in Volatile.Read(ref _watched))
            {
                // One that has ended meanwhile takes its queries with it.
                if (!recommender.TryEnter(out SharedUse use))
                    continue;
                using (use)
                    audited += Audit(recommender, sampler, cancellation);
            }

            return audited;
        }
    }

    /// <summary>Forgets recall and samples, those of an audit under way included, and does not wait for it. A
    /// <see cref="RecommenderHost"/> calls it after a replacement: a new bundle's recall has nothing to do with the old one's.</summary>
    public void Reset() => Volatile.Write(ref _estimate, Estimate.None());

    /// <summary>Ends the background thread and waits for its audit. Calling it again does nothing.</summary>
    public void Dispose()
    {
        Thread? thread;
        lock (_life)
        {
            if (_disposed != 0)
                return;
            Volatile.Write(ref _disposed, 1);
            thread = _thread;
        }

        _end.Cancel();
        thread?.Join();
        lock (_turn)
        {
            _team.Dispose();
            _end.Dispose();
        }
    }

    /// <summary>A sampler for a recommender of dimension L, to be disposed with it.</summary>
    internal QuerySampler MakeSampler(int dimension)
    {
        ThrowIfDisposed();
        return new QuerySampler(_options.Every, _options.Capacity, dimension, Forget);
    }

    /// <summary>Audits what a recommender's sampler keeps from now on.</summary>
    internal void Watch(Recommender recommender, QuerySampler sampler)
    {
        lock (_list)
            Volatile.Write(ref _watched, [.. _watched, (recommender, sampler)]);
    }

    private void Forget(QuerySampler sampler)
    {
        lock (_list)
            Volatile.Write(ref _watched, [.. _watched.Where(one => !ReferenceEquals(one.Sampler, sampler))]);
    }

    private int Audit(Recommender recommender, QuerySampler sampler, CancellationToken cancellation)
    {
        int audited = 0;

        // Bounded, however fast new queries come.
        for (int taken = 0; taken < _options.Capacity;)
        {
            cancellation.ThrowIfCancellationRequested();

            // In this order: where the recommender is replaced hereafter, the recall begins anew hereafter too, and this does not count.
            Estimate before = Volatile.Read(ref _estimate);
            int count = recommender.IsDisposed ? 0 : sampler.Take();
            if (count == 0)
                break;
            taken += count;
            using LiveSnapshot snapshot = recommender.Snapshot();
            if (snapshot.CountAvailable == 0)
                continue;
            int k = (int)Math.Min(_options.K, snapshot.Items.Rows);
            if (Include(before, _audit.Measure(snapshot, sampler.Taken, count, k, _team)))
                audited += count;
        }

        return audited;
    }

    /// <summary>Adds to an estimate, unless it has been reset meanwhile.</summary>
    private bool Include(Estimate before, RecallResult result)
    {
        (double recall, long samples, _) = before;
        recall = samples == 0 ? 0 : recall;
        for (int i = 0; i < result.Queries; i++)
        {
            samples++;
            recall += Math.Max(_options.Weight, 1.0 / samples) * (result.Recall - recall);
        }

        if (!ReferenceEquals(Interlocked.CompareExchange(ref _estimate, new Estimate(recall, samples, null), before), before))
            return false;
        ServingMetrics.PublishRecall(recall);
        return true;
    }

    private void Serve(CancellationTokenSource either)
    {
        using CancellationTokenSource owned = either;
        while (!either.IsCancellationRequested)
        {
            long start = Stopwatch.GetTimestamp();
            try
            {
                RunOnce(either.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception e)
            {
                // An exception here would end the process that it is to watch.
                Estimate before = Volatile.Read(ref _estimate);
                Interlocked.CompareExchange(ref _estimate, before with { Fault = e.Message }, before);
            }

            // No wait takes more than some days, which a tiny share would ask for.
            double rest = Stopwatch.GetElapsedTime(start).TotalSeconds * ((1 / _options.LargestShare) - 1);
            either.Token.WaitHandle.WaitOne(TimeSpan.FromSeconds(Math.Clamp(rest, _options.Interval.TotalSeconds, LongestRest.TotalSeconds)));
        }
    }

    private void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, this);

    /// <summary>What is known. Told from another by its reference: one that was reset is not the one before, whatever it says.</summary>
    private sealed record Estimate(double Recall, long Samples, string? Fault)
    {
        public static Estimate None() => new(double.NaN, 0, null);
    }
}
