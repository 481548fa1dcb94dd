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
    public int Search(ReadOnlySpan<float> query, int k, int ef, in AllowedItems allowed, Span<int> items, Span<float> scores)
    {
        SearchScratch scratch = _scratches.Rent();
        try
        {
            return Search(query, k, ef, allowed, items, scores, scratch);
        }
        finally
        {
            _scratches.Return(scratch);
        }
    }

    /// <summary>Searches for rows of queries, one piece of work each.</summary>
    public void Search(Matrix queries, int count, int k, int ef, in AllowedItems allowed, TopK result, WorkerTeam team)
    {
        Batch batch = _batches.Rent();
        try
        {
            batch.Begin(queries, k, ef, allowed, result);
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
        ReadOnlySpan<float> query, int k, int ef, in AllowedItems allowed, Span<int> items, Span<float> scores, SearchScratch scratch)
    {
        _graph.Vectors.Set(scratch.Query, query);
        Span<ulong> found = allowed.IsAll ? Find(k, ef, scratch) : FilteredWalk.Find(_graph, k, ef, allowed, scratch);
        int n = Math.Min(found.Length, k);
        for (int i = 0; i < n; i++)
        {
            items[i] = ScoredItem.Item(found[i]);
            scores[i] = ScoredItem.Score(found[i]);
        }

        return n;
    }

    private Span<ulong> Find(int k, int ef, SearchScratch scratch)
    {
        QueryScorer scorer = new(_graph.Vectors, scratch.Query);
        int start = GraphWalk.Descend(_graph, _graph.Entry, _graph.TopLayer, 1, scorer, scratch);
        int followed = Math.Max(ef, k);
        int kept = Math.Max(followed, k + (_graph.Vectors.Codes is null ? 0 : (k / CodesSlack) + 2));
        GraphWalk.Search(
            _graph, 0, new([start, _graph.Entry], Starts(_graph, followed)), new(followed, kept), scorer, scratch);
        return ExactAnswer.Of(_graph, k, scratch);
    }

    private sealed class Batch(HnswSearcher searcher) : IParallelWork
    {
        private Matrix? _queries;
        private TopK? _result;
        private int _k;
        private int _ef;
        private AllowedItems _allowed;

        public void Begin(Matrix queries, int k, int ef, in AllowedItems allowed, TopK result)
        {
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
            _result = null;
        }

        public void Execute(int index, int worker)
        {
            SearchScratch scratch = searcher._scratches.Rent();
            try
            {
                int found = searcher.Search(
                    _queries!.Row(index), _k, _ef, _allowed, _result!.ItemBuffer(index), _result.ScoreBuffer(index), scratch);
                _result.SetFound(index, found);
            }
            finally
            {
                searcher._scratches.Return(scratch);
            }
        }
    }
}
