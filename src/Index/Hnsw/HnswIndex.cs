using KernelPolicy.Index.Files;
using KernelPolicy.Kernels;

namespace KernelPolicy.Index;

/// <summary>
/// Approximate maximum inner product search by a hierarchical navigable small world graph.
/// </summary>
/// <remarks>
/// <para>Thread safety: the index is frozen; any number of threads may search at once, batches over one team in turn.
/// Disposing it while a search runs is the caller's error.</para>
/// <para>Determinism: equal items, options and seed give an equal graph and equal answers at any number of threads, on
/// processors of one vector width.</para>
/// <para>Cost: a search scores some tens of rows for each of about ef nodes. No memory is allocated once the scratch of
/// every concurrent caller exists. A filter widens the search by as much as it narrows the catalogue, up to where scoring
/// what it allows is cheaper; then the answer is exact. A query with numbers that are not finite finds arbitrary items.</para>
/// </remarks>
public sealed class HnswIndex : IMipsIndex
{
    private readonly HnswGraph _graph;
    private readonly HnswSearcher _searcher;
    private bool _disposed;

    internal HnswIndex(Matrix items, HnswGraph graph, HnswOptions options, HnswReport report)
    {
        Items = items;
        Options = options;
        Report = report;
        _graph = graph;
        _searcher = new HnswSearcher(graph);
    }

    /// <inheritdoc/>
    public string Kind => "hnsw";

    /// <inheritdoc/>
    public string Description =>
        $"{Kind}/M={Options.M}/efConstruction={Options.EfConstruction}/efSearch={Options.EfSearch}/"
        + $"starts={Options.LongestAsStarts}/innerProductLinks={Options.InnerProductLinks}/seed={Options.Seed}/{Options.Metric}/{Options.Traversal}";

    /// <inheritdoc/>
    public Matrix Items { get; }

    /// <inheritdoc/>
    public long Bytes => _graph.Bytes;

    /// <summary>How the graph was built and is searched.</summary>
    public HnswOptions Options { get; }

    /// <summary>What the build found and did.</summary>
    public HnswReport Report { get; }

    internal HnswGraph Graph => _graph;

    /// <summary>Nodes scored by the walks of all searches so far; no search may be running.</summary>
    internal long ScoredNodes => _searcher.ScoredNodes;

    /// <summary>Builds an index over items β [P, L], which it uses but does not own: they must outlive it unchanged.</summary>
    /// <param name="items">β, at least one row, every number finite.</param>
    /// <param name="options">How to build; the defaults where null.</param>
    /// <param name="team">Threads to build with.</param>
    /// <param name="progress">Told after every round of insertions, from this thread.</param>
    /// <param name="cancellation">Looked at between rounds, that is several times a second.</param>
    /// <exception cref="ArgumentException">There are no items, or one is not finite.</exception>
    /// <exception cref="OperationCanceledException">The build was cancelled; nothing is left of it.</exception>
    public static HnswIndex Build(
        Matrix items,
        HnswOptions? options,
        WorkerTeam team,
        IProgress<HnswProgress>? progress = null,
        CancellationToken cancellation = default) => Build(items, options, null, team, progress, cancellation);

    /// <summary>Builds an index, its metric chosen by queries such as will be asked.</summary>
    /// <param name="items">β, at least one row, every number finite.</param>
    /// <param name="options">How to build; the defaults where null.</param>
    /// <param name="sampleQueries">Queries [n, L], by which an automatic metric is chosen: a policy's h = xΘ. Where null, means
    /// of five random items stand for them.</param>
    /// <param name="team">Threads to build with.</param>
    /// <param name="progress">Told after every round of insertions, from this thread.</param>
    /// <param name="cancellation">Looked at between rounds, that is several times a second.</param>
    /// <exception cref="ArgumentException">There are no items, or one is not finite, or the queries do not fit.</exception>
    /// <exception cref="OperationCanceledException">The build was cancelled; nothing is left of it.</exception>
    public static HnswIndex Build(
        Matrix items,
        HnswOptions? options,
        Matrix? sampleQueries,
        WorkerTeam team,
        IProgress<HnswProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(team);
        CheckItems(items);
        if (sampleQueries is not null && (sampleQueries.Columns != items.Columns || sampleQueries.Rows == 0))
            throw new ArgumentException(
                $"Sample queries are [{sampleQueries.Rows}, {sampleQueries.Columns}]; they must be [at least 1, {items.Columns}].", nameof(sampleQueries));
        options ??= new HnswOptions();
        MetricChoice? choice = null;
        if (options.Metric == HnswMetric.Automatic)
        {
            choice = MetricChoice.Make(items, options, sampleQueries, team, cancellation);
            options = options with { Metric = choice.Chosen };
        }

        (HnswGraph graph, HnswReport report) = HnswBuilder.Build(items, options, team, progress, cancellation);
        return new HnswIndex(items, graph, options, report with { Choice = choice });
    }

    /// <summary>Reads an index that <see cref="Save"/> wrote, for the items it was built on.</summary>
    /// <exception cref="InvalidDataException">The file is not an index, is damaged or newer than this library, or belongs
    /// to other items; the message names the file, the place and what was expected there.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static HnswIndex Load(string path, Matrix items)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        CheckItems(items);
        (HnswGraph graph, HnswOptions options, HnswReport report) = HnswFile.Read(path, items);
        return new HnswIndex(items, graph, options, report);
    }

    /// <summary>Writes the index, without the items, beside <paramref name="path"/> and puts it in its place once it is
    /// complete.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ObjectDisposedException.ThrowIf(_disposed, this);
        HnswFile.Write(path, _graph, Options, Report, Items);
    }

    /// <summary>The index as sections of a file that holds its items as well.</summary>
    internal IReadOnlyList<SectionToWrite> Sections()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return HnswFile.Sections(_graph, Options, Report, Items);
    }

    /// <summary>Reads what <see cref="Sections"/> gave.</summary>
    internal static HnswIndex Read(SectionFileReader reader, FileMapping mapping, Matrix items)
    {
        CheckItems(items);
        (HnswGraph graph, HnswOptions options, HnswReport report) = HnswFile.ReadBeside(reader, mapping, items);
        return new HnswIndex(items, graph, options, report);
    }

    /// <summary>Writes an item's vector into <paramref name="values"/> [L]: β_a, or where there is no β what its codes stand for.</summary>
    internal void CopyVector(int item, Span<float> values)
    {
        if (Items.HasValues)
            Items.Row(item).CopyTo(values);
        else
            _graph.Decode(item, values);
    }

    /// <summary>An index over the same graph that searches with another ef. Each of the two is disposed on its
    /// own.</summary>
    /// <exception cref="ArgumentOutOfRangeException">ef is outside its range.</exception>
    public HnswIndex WithEfSearch(int efSearch)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        HnswOptions options = Options with { EfSearch = efSearch };
        _graph.Share();
        return new HnswIndex(Items, _graph, options, Report);
    }

    /// <inheritdoc/>
    public void Search(Matrix queries, int count, int k, TopK result, WorkerTeam team, ItemFilter? filter = null)
    {
        AllowedItems.Check(filter, Items.Rows);
        Search(queries, count, k, result, team, new AllowedItems((int)Items.Rows, filter));
    }

    /// <summary>Finds the top K of every query, starting from items known to be good: the answers to the same contexts a while
    /// ago, since Θ moves little between visits.</summary>
    /// <param name="queries">Queries H [≥ count, L].</param>
    /// <param name="count">How many rows of <paramref name="queries"/> to search.</param>
    /// <param name="k">K, 1 to P.</param>
    /// <param name="warmStart">For each query items, best first, of which up to 256 are used; none where nothing is known. It may be
    /// <paramref name="result"/> itself.</param>
    /// <param name="result">Receives up to K items a query, best first; overwritten.</param>
    /// <param name="team">Threads to search with.</param>
    /// <exception cref="ArgumentException">A shape does not fit.</exception>
    public void SearchFrom(Matrix queries, int count, int k, TopK warmStart, TopK result, WorkerTeam team)
    {
        ArgumentNullException.ThrowIfNull(warmStart);
        if (count > warmStart.Queries)
            throw new ArgumentException($"The warm start has room for {warmStart.Queries} queries, the search asks for {count}.", nameof(warmStart));
        Search(queries, count, k, result, team, new AllowedItems((int)Items.Rows, null), warmStart);
    }

    internal void Search(
        Matrix queries, int count, int k, TopK result, WorkerTeam team, in AllowedItems allowed, TopK? warmStart = null)
    {
        ArgumentNullException.ThrowIfNull(queries);
        ArgumentNullException.ThrowIfNull(result);
        ArgumentNullException.ThrowIfNull(team);
        ObjectDisposedException.ThrowIf(_disposed, this);
        CheckK(k);
        if (queries.Columns != Items.Columns)
            throw new ArgumentException(
                $"Queries have {queries.Columns} columns, the items {Items.Columns}.", nameof(queries));
        if (count < 0 || count > queries.Rows)
            throw new ArgumentOutOfRangeException(
                nameof(count), count, $"Count is {count}; there are {queries.Rows} queries.");
        if (count > result.Queries || k > result.Capacity)
            throw new ArgumentException(
                $"The result has room for {result.Queries} × {result.Capacity}, the search asks for {count} × {k}.",
                nameof(result));
        _searcher.Search(queries, count, k, Options.EfSearch, allowed, warmStart, result, team);
    }

    /// <summary>Finds the top K of one query on the calling thread.</summary>
    /// <param name="query">h [L].</param>
    /// <param name="items">Receives the items, best first; its length is K, 1 to P.</param>
    /// <param name="scores">Receives their scores h·β_a [≥ K].</param>
    /// <param name="filter">Which items may be found; all where null.</param>
    /// <returns>Items found: K, or all that the filter allows where they are fewer.</returns>
    /// <exception cref="ArgumentException">A shape does not fit, or the filter is over another number of items.</exception>
    public int Search(ReadOnlySpan<float> query, Span<int> items, Span<float> scores, ItemFilter? filter = null)
    {
        AllowedItems.Check(filter, Items.Rows);
        return Search(query, items, scores, new AllowedItems((int)Items.Rows, filter));
    }

    internal int Search(ReadOnlySpan<float> query, Span<int> items, Span<float> scores, in AllowedItems allowed) =>
        Search(query, items, scores, allowed, out _);

    /// <summary>The same, and how many nodes and items it scored.</summary>
    internal int Search(ReadOnlySpan<float> query, Span<int> items, Span<float> scores, in AllowedItems allowed, out long scored)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (query.Length != Items.Columns)
            throw new ArgumentException(
                $"The query has {query.Length} numbers, the items have {Items.Columns} columns.", nameof(query));
        CheckK(items.Length);
        if (scores.Length < items.Length)
            throw new ArgumentException(
                $"There is room for {items.Length} items but for {scores.Length} scores.", nameof(scores));
        return _searcher.Search(query, items.Length, Options.EfSearch, allowed, items, scores, out scored);
    }

    /// <summary>Frees the memory, unless another index shares the graph. Calling it again does nothing.</summary>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        _searcher.Dispose();
        _graph.Release();
    }

    private static void CheckItems(Matrix items)
    {
        ArgumentNullException.ThrowIfNull(items);
        if (items.Rows is < 1 or > int.MaxValue / 2)
            throw new ArgumentException(
                $"There are {items.Rows} items; an index holds 1 to {int.MaxValue / 2}.", nameof(items));
    }

    private void CheckK(int k)
    {
        if (k < 1 || k > Items.Rows)
            throw new ArgumentOutOfRangeException(nameof(k), k, $"K is {k}; it must be 1 to the {Items.Rows} items.");
    }
}
