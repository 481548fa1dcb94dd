using System.Runtime.CompilerServices;
using KernelPolicy.Kernels;

namespace KernelPolicy.Index;

/// <summary>
/// An index whose items come and go while it is searched: every change makes a new state and puts it in place of the old
/// one at once.
/// </summary>
/// <remarks>
/// <para>Item numbers are for good: added items get P, P + 1, … and the number of a removed one is never given again.</para>
/// <para>Thread safety: any number of threads may search, add, ban, remove, compact and dispose at once. A search uses from
/// its start to its end the state that was current when it began, and takes no lock. A change that has returned holds for
/// every search that starts afterwards. Additions and compactions take turns, and so do changes of bans, which do not wait
/// for an addition under way. An old state's memory is freed when the last search or <see cref="LiveSnapshot"/> that uses it
/// is over.</para>
/// <para>Determinism: the same sequence of changes gives the same graph and the same answers at any number of threads, on
/// one vector width. Two sequences that lead to the same items may give different graphs.</para>
/// <para>Cost: a ban copies P / 4 bytes. An addition inserts its items as a build would and copies items and links, which
/// takes as long for one item as for some thousands: add in batches. Once as many items have been added as the last build
/// had, an addition builds the graph anew. A search allocates nothing after warm-up, which starts again with an addition or
/// compaction.</para>
/// <para><see cref="Items"/> changes with additions, so an audit, or whoever else needs items and answers that belong
/// together, takes a snapshot (<see cref="Acquire"/>).</para>
/// </remarks>
public sealed class LiveIndex : IMipsIndex
{
    // Two turns: a ban must not wait for the minutes that a large addition may take.
    private readonly Lock _catalogueTurn = new();
    private readonly Lock _stateTurn = new();
    private readonly Availability _availability = new();
    private readonly StrongBox<int> _alive = new();
    private LiveState? _current;
    private int _built;

    /// <summary>Starts from a graph, which stays the caller's and may be disposed. Its items must stay as they are until this
    /// index and its snapshots have been disposed; it copies them with the first addition.</summary>
    public LiveIndex(HnswIndex index)
    {
        ArgumentNullException.ThrowIfNull(index);
        _built = (int)index.Items.Rows;
        _current = new LiveState(new LiveCatalogue(index.WithEfSearch(index.Options.EfSearch), false, _alive), null, 0);
    }

    /// <inheritdoc/>
    public string Kind => "live";

    /// <summary>The graph with its parameters and the number of changes so far.</summary>
    public string Description
    {
        get
        {
            using LiveSnapshot snapshot = Acquire();
            return snapshot.Description;
        }
    }

    /// <summary>β [P, L] at present. An addition or compaction replaces it and frees the old one: hold a snapshot while
    /// using it.</summary>
    public Matrix Items => Current.Catalogue.Items;

    /// <inheritdoc/>
    public long Bytes => Current.Catalogue.Index.Bytes;

    /// <summary>P: items so far, those that are no longer available included.</summary>
    public int Count => Current.Count;

    /// <summary>How many of them may be found.</summary>
    public int CountAvailable => Current.CountAvailable;

    /// <summary>How many changes there have been.</summary>
    public long Version => Current.Version;

    /// <summary>Catalogues whose memory has not been freed.</summary>
    internal int CataloguesAlive => Volatile.Read(ref _alive.Value);

    private LiveState Current
    {
        get
        {
            LiveState? state = Volatile.Read(ref _current);
            ObjectDisposedException.ThrowIf(state is null, this);
            return state;
        }
    }

    /// <summary>The index as it is now, for a reader who needs several things that belong together. To be disposed.</summary>
    public LiveSnapshot Acquire() => new(Enter(out SharedUse use), use);

    /// <summary>Finds the top K of every query among the items that are available.</summary>
    /// <param name="queries">Queries H [≥ count, L].</param>
    /// <param name="count">How many rows of <paramref name="queries"/> to search.</param>
    /// <param name="k">K, 1 to P.</param>
    /// <param name="result">Receives up to K items a query, best first; overwritten.</param>
    /// <param name="team">Threads to search with.</param>
    /// <param name="filter">Which of the available items may be found; all where null. It may be over another number of
    /// items than there are (<see cref="ItemFilter.AllowsOthers"/>).</param>
    /// <exception cref="ArgumentException">A shape does not fit.</exception>
    public void Search(Matrix queries, int count, int k, TopK result, WorkerTeam team, ItemFilter? filter = null)
    {
        LiveState state = Enter(out SharedUse use);
        using (use)
            state.Search(queries, count, k, result, team, filter);
    }

    /// <summary>Finds the top K of one query among the items that are available, on the calling thread.</summary>
    /// <param name="query">h [L].</param>
    /// <param name="items">Receives the items, best first; its length is K, 1 to P.</param>
    /// <param name="scores">Receives their scores h·β_a [≥ K].</param>
    /// <param name="filter">Which of the available items may be found; all where null.</param>
    /// <returns>Items found: K, or all that may be found where they are fewer.</returns>
    /// <exception cref="ArgumentException">A shape does not fit.</exception>
    public int Search(ReadOnlySpan<float> query, Span<int> items, Span<float> scores, ItemFilter? filter = null)
    {
        LiveState state = Enter(out SharedUse use);
        using (use)
            return state.Search(query, items, scores, filter);
    }

    /// <summary>Adds items.</summary>
    /// <param name="newItems">Their vectors [n, L], n at least 1, every number finite; copied.</param>
    /// <param name="team">Threads to insert with.</param>
    /// <param name="cancellation">Looked at several times a second.</param>
    /// <returns>P before: the number of the first of them; those of the others follow.</returns>
    /// <exception cref="ArgumentException">A shape does not fit, or a number is not finite; nothing has changed.</exception>
    /// <exception cref="OperationCanceledException">The addition was cancelled; nothing has changed.</exception>
    public int Add(Matrix newItems, WorkerTeam team, CancellationToken cancellation = default) =>
        AddAll(newItems, false, team, cancellation);

    /// <summary>Adds items as <see cref="Add"/> does, but no search finds them before they are unbanned.</summary>
    internal int AddBanned(Matrix newItems, WorkerTeam team, CancellationToken cancellation) => AddAll(newItems, true, team, cancellation);

    private int AddAll(Matrix newItems, bool banned, WorkerTeam team, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(newItems);
        ArgumentNullException.ThrowIfNull(team);
        lock (_catalogueTurn)
        {
            using LiveSnapshot before = Acquire();
            Matrix old = before.Items;
            old.RequireValues();
            if (newItems.Columns != old.Columns)
                throw new ArgumentException($"The new items have {newItems.Columns} columns, the items {old.Columns}.", nameof(newItems));
            if (newItems.Rows < 1 || newItems.Rows > (int.MaxValue / 2) - old.Rows)
                throw new ArgumentException(
                    $"There are {newItems.Rows} new items; with {old.Rows} so far it must be 1 to {(int.MaxValue / 2) - old.Rows}.",
                    nameof(newItems));

            // Refuses numbers that are not finite, by the place in what the caller gave.
            ItemNorms.Of(newItems, team);
            long total = old.Rows + newItems.Rows;
            bool rebuilds = total > 2L * _built;
            Replace(total, rebuilds ? RemovedItems((int)old.Rows) : [], newItems, banned, before, team, rebuilds, cancellation);
            return (int)old.Rows;
        }
    }

    /// <summary>Takes items out of every search that starts from now on, until <see cref="Unban"/>. Those banned already stay
    /// so.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A number is not that of an item; nothing has changed.</exception>
    public void Ban(params ReadOnlySpan<int> items) => Change(items, static (availability, items, count) => availability.Ban(items, count, false));

    /// <summary>Lifts bans. Removed items stay removed.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A number is not that of an item; nothing has changed.</exception>
    public void Unban(params ReadOnlySpan<int> items) => Change(items, static (availability, items, count) => availability.Unban(items, count));

    /// <summary>Takes items out for good: at once out of the searches, and out of the graph when it is next built
    /// anew.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A number is not that of an item; nothing has changed.</exception>
    public void Remove(params ReadOnlySpan<int> items) => Change(items, static (availability, items, count) => availability.Ban(items, count, true));

    /// <summary>Builds the graph anew without the removed items. Their rows of β remain, as zeros.</summary>
    /// <param name="team">Threads to build with.</param>
    /// <param name="cancellation">Looked at several times a second.</param>
    /// <exception cref="OperationCanceledException">It was cancelled; nothing has changed.</exception>
    public void Compact(WorkerTeam team, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(team);
        lock (_catalogueTurn)
        {
            using LiveSnapshot before = Acquire();
            Replace(before.Items.Rows, RemovedItems((int)before.Items.Rows), null, false, before, team, true, cancellation);
        }
    }

    /// <summary>Ends the index. Searches and snapshots that began before go on, and the last of them frees the memory.
    /// Calling it again does nothing.</summary>
    public void Dispose()
    {
        lock (_stateTurn)
            Interlocked.Exchange(ref _current, null)?.Close();
    }

    /// <summary>The state as it is now, for whoever needs more than one search of it without making an object.</summary>
    /// <param name="use">Its use, to be disposed.</param>
    internal LiveState Enter(out SharedUse use)
    {
        while (true)
        {
            // A state that cannot be used any more has been replaced: look again.
            LiveState state = Current;
            if (state.TryUse(out use))
                return state;
        }
    }

    private int[] RemovedItems(int count)
    {
        lock (_stateTurn)
            return _availability.Removed(count);
    }

    /// <summary>Puts another catalogue in place: the items so far, some of them set to zero, and new ones behind
    /// them.</summary>
    private void Replace(
        long total, int[] zeroed, Matrix? added, bool banned, LiveSnapshot before, WorkerTeam team, bool rebuilds,
        CancellationToken cancellation)
    {
        Matrix items = new(total, before.Items.Columns);
        HnswIndex index;
        try
        {
            CopyRows(before.Items, items, 0);
            if (added is not null)
                CopyRows(added, items, before.Items.Rows);

            // Equal vectors are one node: all of the removed items together cost the graph no more than that.
            foreach (int item in zeroed)
                items.Row(item).Clear();
            index = rebuilds
                ? HnswIndex.Build(items, before.Index.Options, team, null, cancellation)
                : GraphExtension.Extend(before.Index, items, team, cancellation);
        }
        catch
        {
            items.Dispose();
            throw;
        }

        if (rebuilds)
            _built = (int)total;
        Publish(new LiveCatalogue(index, true, _alive), banned ? [.. Enumerable.Range((int)before.Items.Rows, (int)(total - before.Items.Rows))] : []);
    }

    private static unsafe void CopyRows(Matrix from, Matrix to, long first)
    {
        long bytes = from.Rows * from.Stride * sizeof(float);
        Buffer.MemoryCopy(from.Pointer, to.RowPointer(first), bytes, bytes);
    }

    private void Change(ReadOnlySpan<int> items, Action<Availability, ReadOnlySpan<int>, int> change)
    {
        lock (_stateTurn)
        {
            LiveState state = Current;
            change(_availability, items, state.Count);
            state.Catalogue.Acquire();
            Swap(new LiveState(state.Catalogue, _availability.Available(state.Count), state.Version + 1));
        }
    }

    private void Publish(LiveCatalogue catalogue, ReadOnlySpan<int> banned)
    {
        lock (_stateTurn)
        {
            if (_current is not { } state)
            {
                catalogue.Release();
                throw new ObjectDisposedException(nameof(LiveIndex));
            }

            _availability.Ban(banned, (int)catalogue.Items.Rows, false);
            Swap(new LiveState(catalogue, _availability.Available((int)catalogue.Items.Rows), state.Version + 1));
        }
    }

    // Under the turn of states. The old state is closed only after nobody can find it any more.
    private void Swap(LiveState next) => Interlocked.Exchange(ref _current, next)!.Close();
}
