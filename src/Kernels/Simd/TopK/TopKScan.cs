using System.Numerics;
using System.Runtime.Intrinsics;

namespace KernelPolicy.Kernels;

/// <summary>
/// Exact top-K scoring: for queries H [B, L] and items β [P, L], the K items with the largest h·β_a for each query.
/// Selection is fused into the product: scores live in a block of 96 items × one panel of queries, never [B, P].
/// </summary>
/// <remarks>
/// <para>Bound by arithmetic (2·B·P·L operations) for a batch of queries, by memory (4·P·stride bytes) for up to four, which
/// are multiplied in four lanes instead of a panel's.</para>
/// <para>Ranges of items are divided among the team; each worker keeps its own best K and these are merged, which gives
/// the same answer at any number of threads, since items are totally ordered by (score, item). A sample gives the first
/// thresholds; queries for which it was not low enough are scanned again without. Scores that are NaN are
/// never found. Allocates only when a search is larger than any before it. Not thread-safe: one search at a time.</para>
/// </remarks>
public sealed unsafe class TopKScan : IParallelWork, IDisposable
{
    private const int BlockItems = 96;
    private const int MostPieceItems = 16 * BlockItems;

    /// <summary>Pieces a thread: enough that the last to finish is waited for shortly.</summary>
    private const int Pieces = 16;

    /// <summary>Up to this many queries the memory binds, and each row is multiplied by four lanes.</summary>
    private const int MostDirect = DirectScores.Lanes;

    // Rows of a tile are read side by side, which the processor does not recognise as reading in order, and so they are
    // asked for this many rows ahead. Few queries leave less time for a row, and the distance is in bytes.
    private const int RowsAhead = 4 * MatrixProduct.TileRows;
    private const int BytesAhead = 4096;

    /// <summary>Rows scored at once for few queries.</summary>
    private const int DirectItems = 16;

    private readonly QueryPanels _panels = new();
    private readonly ThresholdSample _sample;
    private readonly MergeStep _merge;
    private CandidateLists[] _lists = [];
    private BlockScratch[] _scratch = [];
    private Matrix? _items;
    private float[] _lanes = [];
    private int _queries;
    private int _k;
    private int _pieceItems;
    private bool _direct;

    /// <summary>Makes a scan; memory is taken at the first search.</summary>
    public TopKScan()
    {
        _sample = new ThresholdSample(_panels);
        _merge = new MergeStep(this);
    }

    /// <summary>Finds the top K of the first <paramref name="count"/> queries.</summary>
    /// <param name="items">β [P, L].</param>
    /// <param name="queries">H [≥ count, L].</param>
    /// <param name="count">Queries to search.</param>
    /// <param name="k">K, 1 to P.</param>
    /// <param name="result">Receives the answers.</param>
    /// <param name="team">Threads to use.</param>
    /// <exception cref="ArgumentException">A shape does not fit.</exception>
    public void Run(Matrix items, Matrix queries, int count, int k, TopK result, WorkerTeam team)
    {
        ArgumentNullException.ThrowIfNull(items);
        ArgumentNullException.ThrowIfNull(queries);
        ArgumentNullException.ThrowIfNull(result);
        ArgumentNullException.ThrowIfNull(team);
        result.Check(items, queries, count, k);
        if (count == 0)
            return;
        (_items, _queries, _k) = (items, count, k);
        _direct = count <= MostDirect;
        long blocks = (items.Rows + ((long)BlockItems * Pieces * team.Threads) - 1) / ((long)BlockItems * Pieces * team.Threads);
        _pieceItems = (int)Math.Min(MostPieceItems, blocks * BlockItems);
        bool sampled = false;
        if (_direct)
        {
            _sample.Open(count);
            if (_lanes.Length < items.Columns * DirectScores.Lanes)
                _lanes = GC.AllocateArray<float>(items.Columns * DirectScores.Lanes, pinned: true);
            DirectScores.Pack(queries, count, _lanes);
        }
        else
        {
            _panels.Pack(queries, count);
            sampled = _sample.Take(items, k, team);
        }

        Scan(team);
        _merge.Run(result, [], sampled, team);
        if (sampled && _merge.Missed(count) is { IsEmpty: false } missed)
        {
            // In panels as before, however few they are: the same sums, the same scores.
            _panels.Pack(queries, missed);
            _sample.Open(_panels.Count * QueryPanels.Width);
            _queries = missed.Length;
            Scan(team);
            _merge.Run(result, missed, false, team);
        }

        _items = null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _panels.Dispose();
        _sample.Dispose();
        foreach (BlockScratch scratch in _scratch)
            scratch.Dispose();
        _scratch = [];
        _lists = [];
    }

    void IParallelWork.Execute(int index, int worker)
    {
        switch (SimdPath.Width)
        {
            case 512: ScanPiece<Isa512, Vector512<float>>(index, worker); break;
            case 256: ScanPiece<Isa256, Vector256<float>>(index, worker); break;
            default: ScanPiece<Isa128, Vector128<float>>(index, worker); break;
        }
    }

    private void Scan(WorkerTeam team)
    {
        Reserve(team.Threads);
        team.Run(this, (int)((_items!.Rows + _pieceItems - 1) / _pieceItems));
    }

    private void ScanPiece<TIsa, TVector>(int index, int worker)
        where TIsa : struct, IVectorIsa<TVector>
        where TVector : struct
    {
        Matrix items = _items!;
        CandidateLists lists = _lists[worker];
        BlockScratch scratch = _scratch[worker];
        long first = (long)index * _pieceItems, end = Math.Min(items.Rows, first + _pieceItems);
        float* rows = items.RowPointer(first);
        for (; first < end; first += BlockItems, rows += (nint)BlockItems * items.Stride)
        {
            int block = (int)Math.Min(BlockItems, end - first);
            int ahead = (int)Math.Min(BlockItems + RowsAhead, end - first);
            if (_direct)
            {
                ScoreDirect(rows, block, scratch.Scores);
                for (int query = 0; query < _queries; query++)
                {
                    float* scores = scratch.Scores + (query * BlockItems);
                    int named = scratch.NameItems<TIsa, TVector>(scores, block, lists.Thresholds[query]);
                    if (named != 0)
                        lists.OfferItems(query, scores, scratch.Named, named, (int)first);
                }

                continue;
            }

            int width = 2 * TIsa.Count;
            for (int panel = 0; panel < _panels.Count; panel++)
            {
                ScorePanel<TIsa, TVector>(rows, block, panel == 0 ? ahead : 0, _panels[panel], scratch.Scores);
                int named = scratch.NameLanes<TIsa, TVector>(block, lists.Thresholds.AsSpan(panel * width, width));
                if (named != 0)
                    lists.OfferLanes(scratch.Scores, scratch.Named, named, WidthLog(width), panel * width, (int)first);
            }
        }
    }

    /// <summary>Scores a block for few queries [queries, 96].</summary>
    private void ScoreDirect(float* rows, int block, float* scores)
    {
        nint stride = _items!.Stride;
        for (int row = 0; row < block; row += DirectItems)
        {
            int step = Math.Min(DirectItems, block - row);
            Prefetch.Stream((byte*)(rows + (row * stride)) + BytesAhead, step * stride * sizeof(float));
            fixed (float* lanes = _lanes)
                DirectScores.Score(lanes, _items.Columns, _queries, rows + (row * stride), stride, step, scores + row, BlockItems);
        }
    }

    /// <summary>Scores a block for a panel [96, width], and asks for rows up to <paramref name="ahead"/>.</summary>
    private void ScorePanel<TIsa, TVector>(float* rows, int block, int ahead, float* panel, float* scores)
        where TIsa : struct, IVectorIsa<TVector>
        where TVector : struct
    {
        const int tile = MatrixProduct.TileRows;
        int width = 2 * TIsa.Count, columns = _items!.Columns, row = 0;
        nint stride = _items.Stride;
        for (; row + tile <= block; row += tile)
        {
            int from = row + RowsAhead, to = Math.Min(from + tile, ahead);
            if (from < to)
                Prefetch.Stream((byte*)(rows + (from * stride)), (to - from) * stride * sizeof(float));
            MatrixProduct.Tile<TIsa, TVector>(
                rows + (row * stride), stride, 1, panel, width, scores + (row * width), width, columns, accumulate: false);
        }

        MatrixProduct.Multiply<TIsa, TVector>(
            rows + (row * stride), stride, 1, panel, width, scores + (row * width), width,
            block - row, width, columns, accumulate: false);
    }

    private static int WidthLog(int width) => BitOperations.Log2((uint)width);

    private void Reserve(int workers)
    {
        if (_lists.Length < workers)
        {
            int before = _lists.Length;
            Array.Resize(ref _lists, workers);
            Array.Resize(ref _scratch, workers);
            for (int worker = before; worker < workers; worker++)
                (_lists[worker], _scratch[worker]) = (new CandidateLists(), new BlockScratch(BlockItems));
        }

        int lanes = _direct ? _queries : _panels.Count * QueryPanels.Width;
        foreach (CandidateLists lists in _lists)
            lists.Reset(_queries, lanes, _k, _sample.Thresholds);
        _merge.Reserve(_lists.Length, checked(_lists.Length * CandidateLists.CapacityFor(_k)), _queries);
    }

    /// <summary>Second phase: joins the workers' candidates of one query and sorts the best K.</summary>
    private sealed class MergeStep(TopKScan scan) : IParallelWork
    {
        private ulong[][] _keys = [];
        private int[] _missed = [];
        private int[] _chosen = [];
        private int _renamed;
        private bool _sampled;
        private TopK? _result;

        /// <summary>Stores the answers to the scanned queries as those to <paramref name="chosen"/>, or as they are numbered
        /// where it is empty.</summary>
        public void Run(TopK result, ReadOnlySpan<int> chosen, bool sampled, WorkerTeam team)
        {
            (_result, _sampled, _renamed) = (result, sampled, chosen.Length);
            chosen.CopyTo(_chosen);
            team.Run(this, scan._queries);
            _result = null;
        }

        /// <summary>The queries of the last run with fewer than K candidates.</summary>
        public ReadOnlySpan<int> Missed(int queries)
        {
            int count = 0;
            for (int query = 0; query < queries; query++)
            {
                if (_missed[query] != 0)
                    _missed[count++] = query;
            }

            return _missed.AsSpan(0, count);
        }

        public void Execute(int index, int worker)
        {
            int total = 0;
            foreach (CandidateLists lists in scan._lists)
                total += lists.Candidates(index).Length;
            if (_sampled)
            {
                _missed[index] = total < scan._k ? 1 : 0;
                if (total < scan._k)
                    return;
            }

            Span<ulong> keys = _keys[worker].AsSpan(0, total);
            int at = 0;
            foreach (CandidateLists lists in scan._lists)
            {
                ReadOnlySpan<ulong> candidates = lists.Candidates(index);
                candidates.CopyTo(keys[at..]);
                at += candidates.Length;
            }

            _result!.Store(_renamed == 0 ? index : _chosen[index], keys, scan._k);
        }

        /// <summary>Makes room for the candidates of all workers, once a worker, and for the numbers of queries.</summary>
        public void Reserve(int workers, int candidates, int queries)
        {
            if (_missed.Length < queries)
                (_missed, _chosen) = (new int[queries], new int[queries]);
            if (_keys.Length >= workers && _keys[0].Length >= candidates)
                return;
            _keys = new ulong[workers][];
            for (int worker = 0; worker < workers; worker++)
                _keys[worker] = GC.AllocateUninitializedArray<ulong>(candidates);
        }
    }
}
