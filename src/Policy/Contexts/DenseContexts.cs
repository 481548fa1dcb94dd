using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>Contexts that are at hand as a table X [N, L].</summary>
public sealed class DenseContexts : IContextSource
{
    private readonly Matrix _contexts;

    /// <summary>Wraps the table, which stays the caller's.</summary>
    public DenseContexts(Matrix contexts)
    {
        ArgumentNullException.ThrowIfNull(contexts);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(contexts.Rows, int.MaxValue, nameof(contexts));
        _contexts = contexts;
    }

    /// <inheritdoc/>
    public int Count => (int)_contexts.Rows;

    /// <inheritdoc/>
    public int Dimension => _contexts.Columns;

    /// <inheritdoc/>
    public void Fill(int context, Matrix destination, int row)
    {
        ArgumentNullException.ThrowIfNull(destination);
        _contexts.PaddedRow(context).CopyTo(destination.PaddedRow(row));
    }
}
