using System.Globalization;
using KernelPolicy.Kernels;

namespace KernelPolicy.Index;

/// <summary>
/// A graph that is watched: where its recall on given queries falls below a bound it is searched more widely, and where
/// that does not do, or would cost more than scanning every item, every item is scanned.
/// </summary>
/// <remarks>
/// <para>As Θ moves, queries leave the region for which a graph was good, and a training fed by a graph that misses the
/// best items loses its reward without any other sign.</para>
/// <para>A guard only ever widens: recall that is high again does not narrow the search, since the queries that were
/// missed may come back. <see cref="Reset"/> does.</para>
/// <para>Determinism: what <see cref="Check"/> does depends on recall alone, never on time. The same graph, state, queries
/// and bound give the same action on every machine of one vector width.</para>
/// <para>Thread safety: any number of threads may search, also while one checks; a search uses, from its start to its end,
/// what was current when it began. Checks, <see cref="Reset"/> and <see cref="Restore"/> take turns. Disposing while a
/// search or check runs is the caller's error.</para>
/// <para>A search allocates no more than that of the index it goes to: nothing, once its scratch memory exists. The first
/// check of a size reserves memory; later ones that keep things as they are allocate nothing.</para>
/// </remarks>
public sealed class GuardedIndex : ICheckedIndex
{
    /// <summary>The share of the catalogue that a search of the graph may score by default: there it costs about what a query of
    /// a batch costs the scan.</summary>
    public const double DefaultLargestShare = 0.08;

    private readonly Lock _turn = new();
    private readonly ExactIndex _exact;
    private readonly HnswOptions _first;
    private readonly string _description;
    private readonly List<HnswIndex> _graphs = [];
    private readonly GuardAudit _audit = new();
    private HnswIndex _graph;
    private IMipsIndex _current;
    private bool _disposed;

    /// <summary>Guards a graph, which stays the caller's and may be disposed: the guard holds on to what it needs.</summary>
    /// <param name="graph">The graph and the ef to start with.</param>
    /// <param name="largestShare">
    /// The largest share of the catalogue, above 0 and at most 1, that a search of the graph may score. A search scores
    /// about M rows for each candidate that it keeps, so that the widest is ef = share · P / M. Rows of a graph are scored
    /// one by one from all over the memory, those of a scan in blocks and in order, for a whole batch at once.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">The share is out of range.</exception>
    public GuardedIndex(HnswIndex graph, double largestShare = DefaultLargestShare)
    {
        ArgumentNullException.ThrowIfNull(graph);
        if (!(largestShare is > 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(
                nameof(largestShare), largestShare, "The largest share of the catalogue must be above 0 and at most 1.");
        }

        _first = graph.Options;
        _description = string.Create(CultureInfo.InvariantCulture, $"guarded/{largestShare}/{graph.Description}");
        LargestEf = (int)Math.Clamp(largestShare * graph.Items.Rows / graph.Options.M, 1, HnswOptions.LargestEf);
        Items = graph.Items;
        _exact = new ExactIndex(graph.Items);
        _graph = graph.WithEfSearch(_first.EfSearch);
        _graphs.Add(_graph);
        _current = _graph;
    }

    /// <summary>What is searched at present: "hnsw", or "exact" after the guard fell back.</summary>
    public string Kind => Current.Kind;

    /// <summary>The guard and the graph with the ef that it started with. What the guard did since is not in it: two guards
    /// with the same description find the same after the same checks.</summary>
    public string Description => _description;

    /// <inheritdoc/>
    public Matrix Items { get; }

    /// <inheritdoc/>
    public long Bytes => _graph.Bytes;

    /// <summary>The widest search of the graph that the guard will try.</summary>
    public int LargestEf { get; }

    /// <summary>The graph as it is searched at present, or null after the guard fell back. It stays the guard's.</summary>
    public HnswIndex? Graph => Current as HnswIndex;

    /// <summary>How the guard searches at present.</summary>
    public GuardState State
    {
        get
        {
            lock (_turn)
                return new GuardState(_graph.Options.EfSearch, _current is ExactIndex);
        }
    }

    private IMipsIndex Current => Volatile.Read(ref _current);

    /// <inheritdoc/>
    public void Search(Matrix queries, int count, int k, TopK result, WorkerTeam team, ItemFilter? filter = null) =>
        Current.Search(queries, count, k, result, team, filter);

    /// <summary>Measures recall on some queries and, where the mean of the mass-weighted recall is below the bound, acts:
    /// doubles ef until the bound holds on the same queries, or else scans every item from now on.</summary>
    /// <remarks>
    /// A check that may act raises ef to K where it was less. That changes no search for K items, and makes those for fewer
    /// keep the candidates that were measured. A recall that is no number counts as below the bound.
    /// </remarks>
    /// <param name="queries">Queries [≥ count, L].</param>
    /// <param name="count">How many of them to ask, at least 1.</param>
    /// <param name="k">K, items to ask for, 1 to P: as many as are asked for in earnest.</param>
    /// <param name="bound">The least mass-weighted recall, 0 to 1; at 0 the guard measures and does nothing else.</param>
    /// <param name="team">Threads to search with.</param>
    /// <returns>What was measured and done.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    /// <exception cref="ArgumentException">A shape does not fit.</exception>
    public RecallCheck Check(Matrix queries, int count, int k, double bound, WorkerTeam team)
    {
        GuardAudit.Require(Items, queries, count, k, bound, team);
        lock (_turn)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return CheckInTurn(queries, count, k, bound, team);
        }
    }

    /// <summary>Searches from now on as at first.</summary>
    public void Reset() => Restore(new GuardState(_first.EfSearch, false));

    /// <summary>Searches from now on as another guard of the same graph did.</summary>
    /// <exception cref="ArgumentOutOfRangeException">ef is outside its range.</exception>
    public void Restore(GuardState state)
    {
        lock (_turn)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            HnswIndex graph = _graphs.Find(graph => graph.Options.EfSearch == state.EfSearch) ?? _graph.WithEfSearch(state.EfSearch);
            SearchGraph(graph, state.IsExact);
        }
    }

    /// <summary>Frees what the guard holds.</summary>
    public void Dispose()
    {
        _disposed = true;
        _exact.Dispose();
        foreach (HnswIndex graph in _graphs)
            graph.Dispose();
    }

    private RecallCheck CheckInTurn(Matrix queries, int count, int k, double bound, WorkerTeam team)
    {
        if (_current is ExactIndex)
        {
            RecallResult all = Exactly(count, k);
            return new RecallCheck(bound > 0 ? GuardAction.Kept : GuardAction.Measured, null, all, null, 1, null, all);
        }

        RecallAudit audit = _audit.For(count, k);
        RecallResult before = audit.Measure(_graph, _exact, queries, count, k, team);
        int ef = Math.Max(_graph.Options.EfSearch, k);
        if (bound == 0)
            return new RecallCheck(GuardAction.Measured, ef, before, ef, before.MassRecall, ef, before);
        if (before.MassRecall >= bound)
        {
            if (_graph.Options.EfSearch < k)
                SearchGraph(_graph.WithEfSearch(Math.Min(k, HnswOptions.LargestEf)));
            return new RecallCheck(GuardAction.Kept, ef, before, ef, before.MassRecall, ef, before);
        }

        int tried = ef;
        double reached = before.MassRecall;
        while (tried < LargestEf)
        {
            tried = (int)Math.Min(2L * tried, LargestEf);
            HnswIndex wider = _graph.WithEfSearch(tried);
            bool isTaken = false;
            try
            {
                RecallResult after = audit.MeasureAgain(wider, queries, count, k, team);
                reached = after.MassRecall;
                if (reached >= bound)
                {
                    isTaken = true;
                    SearchGraph(wider);
                    return new RecallCheck(GuardAction.Widened, ef, before, tried, reached, tried, after);
                }
            }
            finally
            {
                if (!isTaken)
                    wider.Dispose();
            }
        }

        Volatile.Write(ref _current, _exact);
        return new RecallCheck(GuardAction.FellBackToExact, ef, before, tried, reached, null, Exactly(count, k));
    }

    private static RecallResult Exactly(int count, int k) => new(count, k, 1, 1, 1, 1);

    // Graphs once searched are kept to the end: a search on another thread may still be in them. There are few, since ef
    // doubles.
    private void SearchGraph(HnswIndex graph, bool isExact = false)
    {
        if (!_graphs.Contains(graph))
            _graphs.Add(graph);
        _graph = graph;
        Volatile.Write(ref _current, isExact ? _exact : graph);
    }
}
