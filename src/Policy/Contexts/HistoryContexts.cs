using System.Numerics.Tensors;
using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>
/// Contexts of session completion: x = mean of β over the items of a history X (paper, section 5). Computed from the
/// history each time, since a table [N, L] may be larger than β itself and a history is short.
/// </summary>
public sealed unsafe class HistoryContexts : IContextSource
{
    private static readonly float[] Ones = Enumerable.Repeat(1f, 256).ToArray();

    private readonly SparseRows _histories;
    private readonly Matrix _items;

    /// <summary>Contexts of the given histories over items β [P, L].</summary>
    /// <exception cref="ArgumentException">A history names an item that there is not.</exception>
    public HistoryContexts(SparseRows histories, Matrix items)
    {
        ArgumentNullException.ThrowIfNull(histories);
        ArgumentNullException.ThrowIfNull(items);
        foreach (int item in histories.Items)
        {
            if ((uint)item >= items.Rows)
                throw new ArgumentException($"A history names item {item}; items are 0 to {items.Rows - 1}.", nameof(histories));
        }

        _histories = histories;
        _items = items;
    }

    /// <summary>The histories [N].</summary>
    public SparseRows Histories => _histories;

    /// <summary>β [P, L].</summary>
    public Matrix Items => _items;

    /// <inheritdoc/>
    public int Count => _histories.Count;

    /// <inheritdoc/>
    public int Dimension => _items.Columns;

    /// <inheritdoc/>
    /// <remarks>An empty history gives the zero context, for which the policy is uniform.</remarks>
    public void Fill(int context, Matrix destination, int row)
    {
        ArgumentNullException.ThrowIfNull(destination);
        ReadOnlySpan<int> history = _histories[context];
        Span<float> x = destination.PaddedRow(row);
        x.Clear();
        for (int first = 0; first < history.Length; first += Ones.Length)
        {
            ReadOnlySpan<int> part = history.Slice(first, Math.Min(Ones.Length, history.Length - first));
            WeightedRows.Accumulate(_items, part, Ones, destination.RowPointer(row));
        }

        if (history.Length > 1)
            TensorPrimitives.Divide(x, history.Length, x);
    }
}
