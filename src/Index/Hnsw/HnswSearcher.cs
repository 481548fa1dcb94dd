using KernelPolicy.Kernels;

namespace KernelPolicy.Index;

/// <summary>Answers queries from a frozen graph: greedy down to layer 0, best-first there, duplicates spread out.</summary>
/// <remarks>Safe for concurrent callers; no allocation once every concurrent caller has had its scratch.</remarks>
internal sealed unsafe class HnswSearcher : IDisposable
{
    private const int StartsACandidate = 16;

    private readonly HnswGraph _graph;
    private readonly Matrix _items;
    private readonly SlotPool<SearchScratch> _scratches;
    private readonly SlotPool<Batch> _batches;

    public HnswSearcher(HnswGraph graph, Matrix items)
    {
        _graph = graph;
        _items = items;
        int largestBlock = graph.Ground.Capacity + 2;
        _scratches = new SlotPool<SearchScratch>(
            () => new SearchScratch(graph.Items, largestBlock, items.Columns), scratch => scratch.Dispose());
        _batches = new SlotPool<Batch>(() => new Batch(this));
    }

    /// <summary>Searches for one query [L], not padded.</summary>
    public int Search(ReadOnlySpan<float> query, int k, int ef, Span<int> items, Span<float> scores)
    {
        SearchScratch scratch = _scratches.Rent();
        try
        {
            return Search(scratch.Padded(query), k, ef, items, scores, scratch);
        }
        finally
        {
            _scratches.Return(scratch);
        }
    }

    /// <summary>Searches for rows of queries, one piece of work each.</summary>
    public void Search(Matrix queries, int count, int k, int ef, TopK result, WorkerTeam team)
    {
        Batch batch = _batches.Rent();
        try
        {
            batch.Begin(queries, k, ef, result);
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

    private int Search(float* query, int k, int ef, Span<int> items, Span<float> scores, SearchScratch scratch)
    {
        QueryScorer scorer = new(query, _items);
        int start = GraphWalk.Descend(_graph, _graph.Entry, _graph.TopLayer, 1, scorer, scratch);

        GraphWalk.Search(_graph, 0, start, Starts(ef), ef, scorer, scratch);
        ReadOnlySpan<ulong> found = scratch.Candidates.Entries;
        if (_graph.Duplicates.Count > 0)
            found = Spread(found, k, scratch);
        int n = Math.Min(found.Length, k);
        for (int i = 0; i < n; i++)
        {
            items[i] = Candidate.Node(found[i]);
            scores[i] = Candidate.Score(found[i]);
        }

        return n;
    }

    /// <summary>The entry and the longest items: as many as keep the sweep a fraction of the walk that follows.</summary>
    private ReadOnlySpan<int> Starts(int ef) =>
        _graph.Starts.AsSpan(0, (int)Math.Min(_graph.Starts.Length, 1 + ((long)ef * StartsACandidate)));

    /// <summary>Adds to the nodes found the items that share their vectors.</summary>
    private ReadOnlySpan<ulong> Spread(ReadOnlySpan<ulong> found, int k, SearchScratch scratch)
    {
        int count = 0;
        float last = 0;
        for (int i = 0; i < found.Length && i < k; i++)
        {
            // Beyond K only ties matter: a later group may hold smaller items than the duplicates of an earlier one.
            float score = Candidate.Score(found[i]);
            if (count >= k && score != last)
                break;
            last = score;
            int taken = 0;
            for (int item = Candidate.Node(found[i]); item >= 0 && taken < k; item = _graph.Duplicates.Next(item))
            {
                scratch.EnsureSpread(count + 1);
                scratch.Spread[count++] = Candidate.Pack(score, item);
                taken++;
            }
        }

        Span<ulong> spread = scratch.Spread.AsSpan(0, count);
        spread.Sort();
        spread.Reverse();
        return spread;
    }

    private sealed class Batch(HnswSearcher searcher) : IParallelWork
    {
        private Matrix? _queries;
        private TopK? _result;
        private int _k;
        private int _ef;

        public void Begin(Matrix queries, int k, int ef, TopK result)
        {
            _queries = queries;
            _k = k;
            _ef = ef;
            _result = result;
        }

        public void End()
        {
            _queries = null;
            _result = null;
        }

        public void Execute(int index, int worker)
        {
            SearchScratch scratch = searcher._scratches.Rent();
            try
            {
                int found = searcher.Search(
                    _queries!.RowPointer(index), _k, _ef, _result!.ItemBuffer(index), _result.ScoreBuffer(index), scratch);
                _result.SetFound(index, found);
            }
            finally
            {
                searcher._scratches.Return(scratch);
            }
        }
    }
}
