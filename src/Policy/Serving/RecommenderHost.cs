using KernelPolicy.Index;

namespace KernelPolicy.Policy;

/// <summary>
/// Holds the recommender that serves at present, and replaces it while requests run: each request sees one of them whole, none
/// fails, and the old one's memory is freed when its last request is over.
/// </summary>
/// <remarks>
/// <para>Bans and removals by id (<see cref="Ban"/>, <see cref="Remove"/>) outlast the replacement: the next recommender obeys them
/// before its first request. What is done to one recommender itself (<see cref="Recommender.Ban"/>, <see cref="Recommender.Add"/>) goes with
/// that one: whoever wants added items in the next adds them to it before <see cref="Replace"/>.</para>
/// <para>Thread safety: any number of threads may acquire, ban, replace and dispose at once. To acquire takes no lock and allocates
/// nothing; bans and replacements take turns.</para>
/// </remarks>
public sealed class RecommenderHost : IDisposable
{
    private readonly ItemBans _bans = new();
    private Recommender? _current;
    private long _version;

    /// <summary>Serves by a recommender, which it takes over.</summary>
    public RecommenderHost(Recommender first)
    {
        ArgumentNullException.ThrowIfNull(first);
        first.Obey(_bans);
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
            Recommender current = Current;
            if (current.TryEnter(out SharedUse use))
                return new RecommenderLease(current, use);

            // It has been replaced, so look again; or somebody else has disposed of it.
            ObjectDisposedException.ThrowIf(ReferenceEquals(Volatile.Read(ref _current), current), current);
        }
    }

    /// <summary>Serves by another recommender from now on, which it takes over, with what has been banned and removed here.</summary>
    /// <exception cref="ArgumentException">It serves already.</exception>
    /// <exception cref="ObjectDisposedException">The host or the recommender is disposed; the recommender stays the caller's.</exception>
    public void Replace(Recommender next)
    {
        ArgumentNullException.ThrowIfNull(next);
        Recommender replaced;
        lock (_bans.Turn)
        {
            replaced = Current;
            if (ReferenceEquals(replaced, next))
                throw new ArgumentException("It serves already.", nameof(next));
            next.Obey(_bans);
            _bans.ApplyTo(next);

            // Nobody else replaces it meanwhile; but somebody may dispose of the host.
            ObjectDisposedException.ThrowIf(Interlocked.CompareExchange(ref _current, next, replaced) != replaced, this);
        }

        Interlocked.Increment(ref _version);
        ServingMetrics.CountSwap();
        replaced.Dispose();

        // After the old one's end, from which on it is not audited.
        if (next.Monitor is { } monitor && ReferenceEquals(monitor, replaced.Monitor))
            monitor.Reset();
    }

    /// <summary>Bans items until <see cref="Unban"/>, in this recommender and all that follow it: no request that acquires one after
    /// the return is given them. An id that nobody knows yet is kept for whoever will.</summary>
    /// <param name="ids">Their ids.</param>
    /// <returns>How many of them the present recommender knows.</returns>
    /// <exception cref="ArgumentException">An id is null.</exception>
    /// <exception cref="ObjectDisposedException">The host is disposed.</exception>
    public int Ban(params ReadOnlySpan<string> ids) => Change(ids, static (bans, recommender, changed) =>
    {
        bans.Ban(changed);
        return recommender.BanKnown(changed);
    });

    /// <summary>Lifts bans, in this recommender and all that follow it. Removed items stay removed.</summary>
    /// <inheritdoc cref="Ban" path="/param|/returns|/exception"/>
    public int Unban(params ReadOnlySpan<string> ids) => Change(ids, static (bans, recommender, changed) =>
    {
        bans.Unban(changed);
        return recommender.UnbanKnown(changed);
    });

    /// <summary>Takes items out for good, of this recommender and all that follow it, in whatever bundle they stand.</summary>
    /// <inheritdoc cref="Ban" path="/param|/returns|/exception"/>
    public int Remove(params ReadOnlySpan<string> ids) => Change(ids, static (bans, recommender, changed) =>
    {
        bans.Remove(changed);
        return recommender.RemoveKnown(changed);
    });

    /// <summary>Ends the service; requests that run go on to their end. Calling it again does nothing.</summary>
    public void Dispose() => Interlocked.Exchange(ref _current, null)?.Dispose();

    private Recommender Current
    {
        get
        {
            Recommender? current = Volatile.Read(ref _current);
            ObjectDisposedException.ThrowIf(current is null, this);
            return current;
        }
    }

    private delegate int BanChange(ItemBans bans, Recommender recommender, ReadOnlySpan<string> ids);

    private int Change(ReadOnlySpan<string> ids, BanChange change)
    {
        for (int i = 0; i < ids.Length; i++)
        {
            if (ids[i] is null)
                throw new ArgumentException($"Id {i} of {ids.Length} is null.", nameof(ids));
        }

        lock (_bans.Turn)
        {
            using RecommenderLease lease = Acquire();
            return change(_bans, lease.Recommender, ids);
        }
    }
}

/// <summary>The use of one recommender for the time of a request. To be disposed once.</summary>
public readonly ref struct RecommenderLease
{
    private readonly SharedUse _use;

    internal RecommenderLease(Recommender recommender, SharedUse use) => (Recommender, _use) = (recommender, use);

    /// <summary>The recommender; it stays usable until the lease is disposed, whatever replaces it.</summary>
    public Recommender Recommender { get; }

    /// <summary>Ends the use.</summary>
    public void Dispose() => _use.Dispose();
}
