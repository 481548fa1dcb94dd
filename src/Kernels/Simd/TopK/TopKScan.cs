using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace KernelPolicy.Kernels;

/// <summary>
/// Exact top-K scoring: for queries H [B, L] and items β [P, L], the K items with the largest h·β_a for each query.
/// Selection is fused into the tiled product: scores live in a block of 96 items × one panel of queries, never [B, P].
/// </summary>
/// <remarks>
/// <para>Bound by arithmetic (2·B·P·L operations) for a batch of queries, by memory (4·P·stride bytes) for one.</para>
/// <para>Ranges of items are divided among the team; each worker keeps its own best K and these are merged, which gives
/// the same answer at any number of threads, since items are totally ordered by (score, item). Scores that are NaN are
/// never found. Allocates only when a search is larger than any before it. Not thread-safe: one search at a time.</para>
/// </remarks>
public sealed unsafe class TopKScan : IParallelWork, IDisposable
{
    private const int BlockItems = 96;
    private const int PieceItems = 16 * BlockItems;

    private readonly QueryPanels _panels = new();
    private readonly MergeStep _merge;
    private CandidateLists[] _lists = [];
    private float*[] _scores = [];
    private Matrix? _items;
    private TopK? _result;
    private int _queries;
    private int _k;

    /// <summary>Makes a scan; memory is taken at the first search.</summary>
    public TopKScan() => _merge = new MergeStep(this);

    /// <summary>Frees memory that nobody disposed.</summary>
    ~TopKScan() => FreeScores();

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
        (_items, _result, _queries, _k) = (items, result, count, k);
        _panels.Pack(queries, count);
        Reserve(team.Threads);
        team.Run(this, (int)((items.Rows + PieceItems - 1) / PieceItems));
        team.Run(_merge, count);
        (_items, _result) = (null, null);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _panels.Dispose();
        FreeScores();
        GC.SuppressFinalize(this);
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

    private void ScanPiece<TIsa, TVector>(int index, int worker)
        where TIsa : struct, IVectorIsa<TVector>
        where TVector : struct
    {
        Matrix items = _items!;
        int width = 2 * TIsa.Count;
        float* scores = _scores[worker];
        long end = Math.Min(items.Rows, (index + 1L) * PieceItems);
        for (long first = (long)index * PieceItems; first < end; first += BlockItems)
        {
            int block = (int)Math.Min(BlockItems, end - first);
            for (int panel = 0; panel < _panels.Count; panel++)
            {
                MatrixProduct.Multiply<TIsa, TVector>(
                    items.RowPointer(first), items.Stride, 1, _panels[panel], width, scores, width,
                    block, width, items.Columns, accumulate: false);
                Offer<TIsa, TVector>(scores, block, (int)first, panel * width, _lists[worker]);
            }
        }
    }

    private static void Offer<TIsa, TVector>(float* scores, int block, int firstItem, int firstQuery, CandidateLists lists)
        where TIsa : struct, IVectorIsa<TVector>
        where TVector : struct
    {
        fixed (float* thresholds = &lists.Thresholds[firstQuery])
        {
            TVector t0 = TIsa.Load(thresholds), t1 = TIsa.Load(thresholds + TIsa.Count);
            for (int row = 0; row < block; row++, scores += 2 * TIsa.Count)
            {
                uint lanes = TIsa.GreaterOrEqualMask(TIsa.Load(scores), t0)
                    | (TIsa.GreaterOrEqualMask(TIsa.Load(scores + TIsa.Count), t1) << TIsa.Count);
                if (lanes == 0)
                    continue;
                for (; lanes != 0; lanes &= lanes - 1)
                {
                    int lane = BitOperations.TrailingZeroCount(lanes);
                    lists.Offer(firstQuery + lane, scores[lane], firstItem + row);
                }

                t0 = TIsa.Load(thresholds);
                t1 = TIsa.Load(thresholds + TIsa.Count);
            }
        }
    }

    private void Reserve(int workers)
    {
        int width = QueryPanels.Width;
        if (_lists.Length < workers)
        {
            FreeScores();
            _lists = new CandidateLists[workers];
            _scores = new float*[workers];
            for (int worker = 0; worker < workers; worker++)
            {
                _lists[worker] = new CandidateLists();
                _scores[worker] = (float*)NativeMemory.AlignedAlloc(BlockItems * 32 * sizeof(float), 64);
            }
        }

        foreach (CandidateLists lists in _lists)
            lists.Reset(_queries, _panels.Count * width, _k);
        _merge.Reserve(_lists.Length, checked(_lists.Length * CandidateLists.CapacityFor(_k)));
    }

    private void FreeScores()
    {
        for (int i = 0; i < _scores.Length; i++)
            NativeMemory.AlignedFree(_scores[i]);
        _scores = [];
        _lists = [];
    }

    /// <summary>Second phase: joins the workers' candidates of one query and sorts the best K.</summary>
    private sealed class MergeStep(TopKScan scan) : IParallelWork
    {
        private ulong[][] _keys = [];

        public void Execute(int index, int worker)
        {
            int total = 0;
            foreach (CandidateLists lists in scan._lists)
                total += lists.Candidates(index).Length;
            Span<ulong> keys = _keys[worker].AsSpan(0, total);
            int at = 0;
            foreach (CandidateLists lists in scan._lists)
            {
                ReadOnlySpan<ulong> candidates = lists.Candidates(index);
                candidates.CopyTo(keys[at..]);
                at += candidates.Length;
            }

            scan._result!.Store(index, keys, scan._k);
        }

        /// <summary>Makes room for the candidates of all workers, once a worker.</summary>
        public void Reserve(int workers, int candidates)
        {
            if (_keys.Length >= workers && _keys[0].Length >= candidates)
                return;
            _keys = new ulong[workers][];
            for (int worker = 0; worker < workers; worker++)
                _keys[worker] = new ulong[candidates];
        }
    }
}
