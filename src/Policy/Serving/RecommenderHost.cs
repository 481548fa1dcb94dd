namespace KernelPolicy.Policy;

/// <summary>
/// Holds the recommender that serves at present, and replaces it while requests run: each request sees one of them whole, none
/// fails, and the old one's memory is freed when its last request is over.
/// </summary>
/// <remarks>Thread safety: any number of threads may acquire, replace and dispose at once. To acquire takes no lock and allocates
/// nothing.</remarks>
public sealed class RecommenderHost : IDisposable
{
    private Recommender? _current;
    private long _version;

    /// <summary>Serves by a recommender, which it takes over.</summary>
    public RecommenderHost(Recommender first)
    {
        ArgumentNullException.ThrowIfNull(first);
        _current = first;
    }

    /// <summary>How many times the recommender has been replaced.</summary>
    public long Version => Interlocked.Read(ref _version);

    /// <summary>The recommender as it is now, for one request: items, scores and ids that belong together. To be disposed at the
    /// end of the request.</summary>
    /// <exception cref="ObjectDisposedException">The host is disposed.</exception>
    public RecommenderLease Acquire()
    {
        while (true)
        {
            Recommender? current = Volatile.Read(ref _current);
            ObjectDisposedException.ThrowIf(current is null, this);
            if (current.TryEnter())
                return new RecommenderLease(current);

            // It has been replaced, so look again; or somebody else has disposed of it.
            ObjectDisposedException.ThrowIf(ReferenceEquals(Volatile.Read(ref _current), current), current);
        }
    }

    /// <summary>Serves by another recommender from now on, which it takes over.</summary>
    /// <exception cref="ObjectDisposedException">The host is disposed; the recommender stays the caller's.</exception>
    public void Replace(Recommender next)
    {
        ArgumentNullException.ThrowIfNull(next);
        while (true)
        {
            Recommender? current = Volatile.Read(ref _current);
            ObjectDisposedException.ThrowIf(current is null, this);
            if (ReferenceEquals(current, next))
                throw new ArgumentException("It serves already.", nameof(next));
            if (Interlocked.CompareExchange(ref _current, next, current) != current)
                continue;
            Interlocked.Increment(ref _version);
            ServingMetrics.CountSwap();
            current.Dispose();
            return;
        }
    }

    /// <summary>Ends the service; requests that run go on to their end. Calling it again does nothing.</summary>
    public void Dispose() => Interlocked.Exchange(ref _current, null)?.Dispose();
}

/// <summary>The use of one recommender for the time of a request. To be disposed once.</summary>
public readonly ref struct RecommenderLease
{
    internal RecommenderLease(Recommender recommender) => Recommender = recommender;

    /// <summary>The recommender; it stays usable until the lease is disposed, whatever replaces it.</summary>
    public Recommender Recommender { get; }

    /// <summary>Ends the use.</summary>
    public void Dispose() => Recommender.Leave();
}
