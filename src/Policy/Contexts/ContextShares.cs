using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>
/// The contexts of a data set divided into S shares, and those of them that are held here: context c belongs to share c mod S, and
/// share s to rank s mod n.
/// </summary>
/// <remarks>
/// <para>Each share is shuffled by itself, and a step takes B contexts of every share. What a training does is then a matter of S alone:
/// however many ranks hold the shares between them, each step has the same contexts with the same draws.</para>
/// <para>Held contexts are counted from 0, share after share, each in rising order. Immutable, safe for concurrent use.</para>
/// </remarks>
public sealed class ContextShares
{
    private readonly int[] _own;
    private readonly int[] _starts;

    /// <summary>Divides contexts.</summary>
    /// <param name="total">N, contexts of the whole data set.</param>
    /// <param name="shares">S, 1 to N.</param>
    /// <param name="ranks">n, 1 to S.</param>
    /// <param name="rank">The rank that is here, 0 to n − 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range: each rank holds a share, and each share a
    /// context.</exception>
    public ContextShares(int total, int shares, int ranks = 1, int rank = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(total);
        if (shares < 1 || shares > Math.Max(1, total))
            throw new ArgumentOutOfRangeException(nameof(shares), shares, $"{total} contexts divide into 1 to {Math.Max(1, total)} shares.");
        if (ranks < 1 || ranks > shares)
            throw new ArgumentOutOfRangeException(nameof(ranks), ranks, $"Each rank holds a share: there must be 1 to {shares} ranks.");
        if ((uint)rank >= (uint)ranks)
            throw new ArgumentOutOfRangeException(nameof(rank), rank, $"Ranks are 0 to {ranks - 1}.");
        (Total, Shares) = (total, shares);
        _own = [.. Enumerable.Range(0, shares).Where(share => share % ranks == rank)];
        _starts = new int[_own.Length + 1];
        for (int i = 0; i < _own.Length; i++)
            _starts[i + 1] = _starts[i] + SizeOf(_own[i]);
    }

    /// <summary>N.</summary>
    public int Total { get; }

    /// <summary>S.</summary>
    public int Shares { get; }

    /// <summary>The shares that are held here, rising.</summary>
    public IReadOnlyList<int> Own => _own;

    /// <summary>Contexts that are held here.</summary>
    public int Count => _starts[^1];

    /// <summary>All contexts in one share, held here.</summary>
    public static ContextShares Whole(int total) => new(total, 1);

    /// <summary>Contexts of a share; none has more than share 0.</summary>
    public int SizeOf(int share) => (Total - share + Shares - 1) / Shares;

    /// <summary>Where the contexts of the i-th share that is held here begin.</summary>
    public int StartOf(int own) => _starts[own];

    /// <summary>The number in the whole data set of a context that is held here.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such context.</exception>
    public int Number(int context)
    {
        if ((uint)context >= (uint)Count)
            throw new ArgumentOutOfRangeException(nameof(context), context, $"Contexts 0 to {Count - 1} are held here.");
        if (Shares == 1)
            return context;
        int own = Array.BinarySearch(_starts, context);
        if (own < 0)
            own = ~own - 1;
        return _own[own] + ((context - _starts[own]) * Shares);
    }

    /// <summary>The rows of a table of the whole data set [N] whose contexts are held here, in their order.</summary>
    /// <exception cref="ArgumentException">The table has another number of rows.</exception>
    public SparseRows Select(SparseRows rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        if (rows.Count != Total)
            throw new ArgumentException($"The table has {rows.Count} rows, the data set {Total} contexts.", nameof(rows));
        if (Shares == 1)
            return rows;
        long[] offsets = new long[Count + 1];
        for (int context = 0; context < Count; context++)
            offsets[context + 1] = offsets[context] + rows[Number(context)].Length;
        int[] items = new int[offsets[^1]];
        for (int context = 0; context < Count; context++)
            rows[Number(context)].CopyTo(items.AsSpan((int)offsets[context]));
        return new SparseRows(offsets, items);
    }
}
