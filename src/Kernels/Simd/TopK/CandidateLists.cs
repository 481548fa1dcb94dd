using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace KernelPolicy.Kernels;

/// <summary>
/// The best K of a stream of scored items for each of several queries, with a threshold below which items need not be
/// offered. Candidates collect in a buffer that is cut back to the best K when full: no heap to sift for each.
/// </summary>
/// <remarks>Not thread-safe: one list set a worker.</remarks>
internal sealed unsafe class CandidateLists
{
    private ulong[] _keys = [];
    private int[] _counts = [];
    private ulong[] _worstKept = [];
    private int _k;
    private int _capacity;

    // Keys from one list to the next: an odd number of cache lines. Lists fill at about the same pace, and at a distance of
    // 2^n bytes the ends of all of them would share a few sets of the cache.
    private int _stride;

    /// <summary>For each query, the score that an item must reach to be of interest.</summary>
    public float[] Thresholds { get; private set; } = [];

    /// <summary>Candidates kept for a query before they are cut back to the best K: with a first threshold from a sample
    /// they seldom are, unless K is so small that to cut back costs little and raises the threshold much.</summary>
    public static int CapacityFor(int k) => checked((2 * k) + Math.Max(32, Math.Min(2 * k, 4096)));

    /// <summary>Empties the lists and sets their shape and first thresholds. Queries beyond
    /// <paramref name="queries"/>, up to <paramref name="lanes"/>, take nothing.</summary>
    public void Reset(int queries, int lanes, int k, ReadOnlySpan<float> thresholds)
    {
        _k = k;
        _capacity = CapacityFor(k);
        _stride = checked((((_capacity + 7) / 8) | 1) * 8);
        if (_counts.Length < lanes)
        {
            _counts = new int[lanes];
            _worstKept = new ulong[lanes];
            Thresholds = new float[lanes];
        }

        if (_keys.LongLength < (long)queries * _stride)
            _keys = GC.AllocateUninitializedArray<ulong>(checked(queries * _stride));
        _counts.AsSpan(0, lanes).Clear();
        _worstKept.AsSpan(0, lanes).Clear();
        thresholds[..queries].CopyTo(Thresholds);
        Thresholds.AsSpan(queries, lanes - queries).Fill(float.NaN);
    }

    /// <summary>Offers items to a panel's lists: those of a block of scores [rows, width] that are named.</summary>
    /// <param name="scores">The block.</param>
    /// <param name="named">Where in the block: row · width + lane.</param>
    /// <param name="count">How many are named.</param>
    /// <param name="widthLog">Base-2 logarithm of the width, a power of two.</param>
    /// <param name="firstQuery">Query of lane 0.</param>
    /// <param name="firstItem">Item of row 0.</param>
    public void OfferLanes(float* scores, ushort* named, int count, int widthLog, int firstQuery, int firstItem)
    {
        int laneMask = (1 << widthLog) - 1, capacity = _capacity, stride = _stride;
        ref int counts = ref _counts[firstQuery];
        ref ulong worst = ref _worstKept[firstQuery];
        ref ulong keys = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_keys), (nint)firstQuery * stride);
        for (int i = 0; i < count; i++)
        {
            int at = named[i], lane = at & laneMask;
            ulong key = ScoredItem.Key(scores[at], firstItem + (at >> widthLog));

            // Always written; whether it stays is added to the count, and nothing is predicted. A list has room for one
            // more, and every query named has a list: lanes beyond them have thresholds that nothing reaches.
            int counted = Unsafe.Add(ref counts, lane);
            Unsafe.Add(ref keys, ((nint)lane * stride) + counted) = key;
            counted += key > Unsafe.Add(ref worst, lane) ? 1 : 0;
            Unsafe.Add(ref counts, lane) = counted;
            if (counted == capacity)
                CutBack(firstQuery + lane);
        }
    }

    /// <summary>Offers items to one query's list.</summary>
    /// <param name="query">Which.</param>
    /// <param name="scores">Scores of a block of items.</param>
    /// <param name="named">Which of them.</param>
    /// <param name="count">How many are named.</param>
    /// <param name="firstItem">The block's first item.</param>
    public void OfferItems(int query, float* scores, ushort* named, int count, int firstItem)
    {
        for (int i = 0; i < count; i++)
        {
            ulong key = ScoredItem.Key(scores[named[i]], firstItem + named[i]);
            if (key <= _worstKept[query])
                continue;
            _keys[((long)query * _stride) + _counts[query]] = key;
            if (++_counts[query] == _capacity)
                CutBack(query);
        }
    }

    /// <summary>The candidates of one query, in no order; the best K are among them.</summary>
    public ReadOnlySpan<ulong> Candidates(int query) => _keys.AsSpan(query * _stride, _counts[query]);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void CutBack(int query)
    {
        Span<ulong> keys = _keys.AsSpan(query * _stride, _capacity);
        ScoredItem.SelectLargest(keys, _k);
        ulong worst = ulong.MaxValue;
        foreach (ulong key in keys[.._k])
            worst = Math.Min(worst, key);
        _worstKept[query] = worst;
        Thresholds[query] = ScoredItem.Score(worst);
        _counts[query] = _k;
    }
}
