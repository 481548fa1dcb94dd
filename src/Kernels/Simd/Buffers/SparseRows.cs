namespace KernelPolicy.Kernels;

/// <summary>
/// Rows of item numbers in compressed form (CSR without values): the histories X, the rewarded items Y, a user × item
/// matrix of ones.
/// </summary>
/// <remarks>Immutable by convention; safe for concurrent reads.</remarks>
public sealed class SparseRows
{
    private readonly long[] _offsets;
    private readonly int[] _items;

    /// <summary>Wraps offsets [rows + 1] and items [offsets[rows]]; the arrays are kept, not copied.</summary>
    /// <exception cref="ArgumentException">The offsets do not start at 0, fall, or do not end at the number of
    /// items.</exception>
    public SparseRows(long[] offsets, int[] items)
    {
        ArgumentNullException.ThrowIfNull(offsets);
        ArgumentNullException.ThrowIfNull(items);
        if (offsets.Length == 0 || offsets[0] != 0 || offsets[^1] != items.LongLength)
            throw new ArgumentException(
                $"Offsets must start at 0 and end at the number of items, {items.LongLength}.", nameof(offsets));
        for (int row = 1; row < offsets.Length; row++)
        {
            if (offsets[row] < offsets[row - 1])
                throw new ArgumentException($"Offset {row} is less than the one before it.", nameof(offsets));
        }

        _offsets = offsets;
        _items = items;
    }

    /// <summary>Number of rows.</summary>
    public int Count => _offsets.Length - 1;

    /// <summary>Number of items over all rows.</summary>
    public long ItemCount => _items.LongLength;

    /// <summary>Where each row starts among the items [rows + 1].</summary>
    public ReadOnlySpan<long> Offsets => _offsets;

    /// <summary>The items of all rows, one row after the other.</summary>
    public ReadOnlySpan<int> Items => _items;

    /// <summary>The items of one row.</summary>
    public ReadOnlySpan<int> this[int row] =>
        _items.AsSpan(checked((int)_offsets[row]), checked((int)(_offsets[row + 1] - _offsets[row])));

    /// <summary>Builds rows from lists.</summary>
    public static SparseRows FromLists(IReadOnlyList<IReadOnlyList<int>> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        long[] offsets = new long[rows.Count + 1];
        for (int row = 0; row < rows.Count; row++)
            offsets[row + 1] = offsets[row] + rows[row].Count;
        int[] items = new int[offsets[^1]];
        for (int row = 0; row < rows.Count; row++)
        {
            for (int i = 0; i < rows[row].Count; i++)
                items[offsets[row] + i] = rows[row][i];
        }

        return new SparseRows(offsets, items);
    }
}
