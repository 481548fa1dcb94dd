using KernelPolicy.Kernels;

namespace KernelPolicy.Index;

/// <summary>Answers queries from a frozen graph: greedy down to layer 0, best-first there, duplicates spread out.</summary>
/// <remarks>Searches with a filter are those of <see cref="FilteredWalk"/>. Safe for concurrent callers; no allocation once
/// every concurrent caller has had its scratch.</remarks>
internal sealed class HnswSearcher : IDisposable
{
    private const int StartsACandidate = 16;

    /// <summary>A walk by codes keeps at least one candidate more for each so many of K: those that codes rank just beyond the
    /// K-th may belong before it.</summary>
    private const int CodesSlack = 16;

    /// <summary>Most items of a warm start that are used.</summary>
    private const int MostWarm = 256;

    /// <summary>With a warm start, one of the longest items in so many is looked at first: what has risen since is among the
    /// neighbours.</summary>
    private const int WarmOverLongest = 4;

    private readonly HnswGraph _graph;
    private readonly SlotPool<SearchScratch> _scratches;
    private readonly SlotPool<Batch> _batches;

    public HnswSearcher(HnswGraph graph)
    {
        _graph = graph;
        _scratches = new SlotPool<SearchScratch>(() => new SearchScratch(graph), scratch => scratch.Dispose());
        _batches = new SlotPool<Batch>(() => new Batch(this));
    }

    /// <summary>Nodes scored so far by walks that have ended.</summary>
    public long ScoredNodes => _scratches.Sum(scratch => scratch.Scored);

    /// <summary>Searches for one query [L], not padded.</summary>
    /// <param name="query">h.</param>
    /// <param name="k">K.</param>
    /// <param name="ef">Candidates that the walk follows.</param>
    /// <param name="allowed">What may be found.</param>
    /// <param name="items">Receives the items [K].</param>
    /// <param name="scores">Receives their scores [K].</param>
    /// <param name="scored">Nodes and items that this search scored by codes or in full; those scored a second time to put the
    /// answer in order are not counted again.</param>
    public int Search(
        ReadOnlySpan<float> query, int k, int ef, in AllowedItems allowed, Span<int> items, Span<float> scores, out long scored)
    {
        SearchScratch scratch = _scratches.Rent();
        try
        {
            // The scratch is this search's alone, and so is the difference: no counter is shared.
            long before = scratch.Scored + scratch.ScoredBeside;
            int found = Search(query, k, ef, allowed, [], items, scores, scratch);
            scored = scratch.Scored + scratch.ScoredBeside - before;
            return found;
        }
        finally
        {
            _scratches.Return(scratch);
        }
    }

    /// <summary>Searches for rows of queries, one piece of work each.</summary>
    public void Search(Matrix queries, int count, int k, int ef, in AllowedItems allowed, TopK? warm, TopK result, WorkerTeam team)
    {
        Batch batch = _batches.Rent();
        try
        {
            batch.Begin(queries, k, ef, allowed, warm, result);
            team.Run(batch, count);
        }
        finally
        {
            batch.End();
            _batches.Return(batch);
        }
    }

    public void Dispose()
    {
        _scratches.Dispose();
        _batches.Dispose();
    }

    /// <summary>How many of the longest items to start from: so many as keep the sweep a fraction of the walk that
    /// follows.</summary>
    internal static int Starts(HnswGraph graph, int ef) => (int)Math.Min(graph.Starts, (long)ef * StartsACandidate);

    private int Search(
        ReadOnlySpan<float> query, int k, int ef, in AllowedItems allowed, ReadOnlySpan<int> warm, Span<int> items, Span<float> scores,
        SearchScratch scratch)
    {
        _graph.Vectors.Set(scratch.Query, query);
        Span<ulong> found = allowed.IsAll ? Find(k, ef, warm, scratch) : FilteredWalk.Find(_graph, k, ef, allowed, scratch);
        int n = Math.Min(found.Length, k);
        for (int i = 0; i < n; i++)
        {
            items[i] = ScoredItem.Item(found[i]);
            scores[i] = ScoredItem.Score(found[i]);
        }

        return n;
    }

    private Span<ulong> Find(int k, int ef, ReadOnlySpan<int> warm, SearchScratch scratch)
    {
        QueryScorer scorer = new(_graph.Vectors, scratch.Query);
        int followed = Math.Max(ef, k);
        int kept = Math.Max(followed, k + (_graph.Vectors.Codes is null ? 0 : (k / CodesSlack) + 2));
        Span<int> starts = stackalloc int[MostWarm + 2];
        int count = WarmStarts(warm, starts[..Math.Min(MostWarm, GraphWalk.LargestBlock(_graph.Ground.Capacity) - 2)]);
        int longest = Starts(_graph, followed);
        if (count == 0)
            starts[count++] = GraphWalk.Descend(_graph, _graph.Entry, _graph.TopLayer, 1, scorer, scratch);
        else
            longest /= WarmOverLongest;
        starts[count++] = _graph.Entry;
        GraphWalk.Search(_graph, 0, new(starts[..count], longest), new(followed, kept), scorer, scratch);
        return ExactAnswer.Of(_graph, k, scratch);
    }

    /// <summary>The nodes of the first items that the caller knows to be good.</summary>
    private int WarmStarts(ReadOnlySpan<int> items, Span<int> nodes)
    {
        if (items.IsEmpty)
            return 0;
        ReadOnlySpan<int> nodeOf = _graph.Vectors.NodeOf;
        int count = 0;
        for (int i = 0; i < items.Length && count < nodes.Length; i++)
        {
            if ((uint)items[i] >= (uint)nodeOf.Length || nodeOf[items[i]] < 0)
                continue;
            nodes[count] = nodeOf[items[i]];
            _graph.Vectors.Prefetch(nodes[count++]);
        }

        return count;
    }

    private sealed class Batch(HnswSearcher searcher) : IParallelWork
    {
        private Matrix? _queries;
        private TopK? _result;
        private int _k;
        private int _ef;
        private AllowedItems _allowed;
        private TopK? _warm;

        public void Begin(Matrix queries, int k, int ef, in AllowedItems allowed, TopK? warm, TopK result)
        {
            _warm = warm;
            _allowed = allowed;
            _queries = queries;
            _k = k;
            _ef = ef;
            _result = result;
        }

        public void End()
        {
            _queries = null;
            _allowed = default;
            _warm = null;
            _result = null;
        }

        public void Execute(int index, int worker)
        {
            SearchScratch scratch = searcher._scratches.Rent();
            try
            {
                // The result may be the warm start itself: its row is overwritten at the end of the search.
                ReadOnlySpan<int> warm = _warm is null ? [] : _warm.Items(index);
                int found = searcher.Search(
                    _queries!.Row(index), _k, _ef, _allowed, warm, _result!.ItemBuffer(index), _result.ScoreBuffer(index), scratch);
                _result.SetFound(index, found);
            }
            finally
            {
                searcher._scratches.Return(scratch);
            }
        }
    }
}
