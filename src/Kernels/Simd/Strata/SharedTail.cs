namespace KernelPolicy.Kernels;

/// <summary>
/// Uniform draws that all contexts of a batch share, with their rows of β gathered once: random rows are read once a batch, and
/// each context finds them in the cache.
/// </summary>
/// <remarks>Where the draws are as many as the catalogue, they are the catalogue itself, each item once. Not thread-safe while it
/// draws.</remarks>
public sealed unsafe class SharedTail : IDisposable
{
    private readonly Matrix _catalogue;
    private readonly int[] _items;

    /// <summary>Makes room for <paramref name="capacity"/> draws, or for the catalogue where it is smaller.</summary>
    public SharedTail(Matrix catalogue, int capacity)
    {
        ArgumentNullException.ThrowIfNull(catalogue);
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        _catalogue = catalogue;
        _items = new int[Math.Min(capacity, catalogue.Rows)];
        Rows = new Matrix(_items.Length, catalogue.Columns);
    }

    /// <summary>The items drawn [l].</summary>
    public ReadOnlySpan<int> Items => _items.AsSpan(0, Count);

    /// <summary>l.</summary>
    public int Count { get; private set; }

    /// <summary>Whether they are all the items there are, each once.</summary>
    public bool IsWhole => Count == _catalogue.Rows;

    /// <summary>β of the draws [l, L].</summary>
    public Matrix Rows { get; }

    /// <summary>Draws anew: the first <paramref name="count"/> of a sequence, or all items where there are no more.</summary>
    public void Draw(in RandomDraws draws, int count)
    {
        Count = 0;
        Lengthen(draws, count);
    }

    /// <summary>Goes on drawing from the same sequence, up to <paramref name="count"/> draws.</summary>
    public void Lengthen(in RandomDraws draws, int count)
    {
        int first = Count;
        Count = Math.Min(count, _items.Length);
        if (IsWhole)
        {
            first = 0;
            for (int j = 0; j < Count; j++)
                _items[j] = j;
        }
        else
        {
            UniformProposal.Draw(draws, (int)_catalogue.Rows, _items.AsSpan(0, Count));
        }

        fixed (int* items = _items)
        {
            Prefetch.Rows(_catalogue.Pointer, _catalogue.Stride, items, first, first + Prefetch.Ahead, Count);
            for (int j = first; j < Count; j++)
            {
                Prefetch.Rows(_catalogue.Pointer, _catalogue.Stride, items, j + Prefetch.Ahead, j + Prefetch.Ahead + 1, Count);
                _catalogue.PaddedRow(_items[j]).CopyTo(Rows.PaddedRow(j));
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Rows.Dispose();
}
