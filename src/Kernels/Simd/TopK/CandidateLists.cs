using System.Runtime.CompilerServices;

namespace KernelPolicy.Kernels;

/// <summary>
/// The best K of a stream of scored items for each of several queries, with a threshold below which items need not be
/// offered. Candidates collect in a buffer of 2K that is cut back to the best K when full: no heap to sift for each.
/// </summary>
/// <remarks>Not thread-safe: one list set a worker.</remarks>
internal sealed class CandidateLists
{
    private ulong[] _keys = [];
    private int[] _counts = [];
    private ulong[] _worstKept = [];
    private int _k;
    private int _capacity;

    /// <summary>For each query, the score that an item must reach to be of interest.</summary>
    public float[] Thresholds { get; private set; } = [];

    /// <summary>Candidates kept for a query before they are cut back to the best K.</summary>
    public static int CapacityFor(int k) => checked((2 * k) + 32);

    /// <summary>Empties the lists and sets their shape. Queries beyond <paramref name="queries"/>, up to
    /// <paramref name="lanes"/>, take nothing.</summary>
    public void Reset(int queries, int lanes, int k)
    {
        _k = k;
        _capacity = CapacityFor(k);
        if (_counts.Length < lanes)
        {
            _counts = new int[lanes];
            _worstKept = new ulong[lanes];
            Thresholds = new float[lanes];
        }

        if (_keys.LongLength < (long)queries * _capacity)
            _keys = new ulong[checked(queries * _capacity)];
        for (int lane = 0; lane < lanes; lane++)
        {
            _counts[lane] = 0;
            _worstKept[lane] = 0;
            Thresholds[lane] = lane < queries ? float.NegativeInfinity : float.NaN;
        }
    }

    /// <summary>Offers an item to a query's list.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Offer(int query, float score, int item)
    {
        ulong key = ScoredItem.Key(score, item);
        if (key <= _worstKept[query])
            return;
        int count = _counts[query];
        _keys[((long)query * _capacity) + count] = key;
        _counts[query] = ++count;
        if (count == _capacity)
            CutBack(query);
    }

    /// <summary>The candidates of one query, in no order; the best K are among them.</summary>
    public ReadOnlySpan<ulong> Candidates(int query) => _keys.AsSpan(query * _capacity, _counts[query]);

    private void CutBack(int query)
    {
        Span<ulong> keys = _keys.AsSpan(query * _capacity, _capacity);
        ScoredItem.SelectLargest(keys, _k);
        ulong worst = ulong.MaxValue;
        foreach (ulong key in keys[.._k])
            worst = Math.Min(worst, key);
        _worstKept[query] = worst;
        Thresholds[query] = ScoredItem.Score(worst);
        _counts[query] = _k;
    }
}
