using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>The queries h = xΘ + b of a batch of contexts of a softmax policy π(a|x) ∝ exp(h·β_a).</summary>
/// <remarks>Not thread-safe. Does not own Θ, b nor β.</remarks>
internal sealed class SoftmaxQueries : IDisposable
{
    private readonly ContextBatch _contexts;
    private readonly Projection _projection = new();
    private readonly QueryMap _query;

    public SoftmaxQueries(QueryMap query, Matrix items, IContextSource contexts, int batchSize)
    {
        ArgumentNullException.ThrowIfNull(items);
        ArgumentNullException.ThrowIfNull(contexts);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        if (items.Rows is < 1 or > int.MaxValue)
            throw new ArgumentException($"There are {items.Rows} items; there must be 1 to {int.MaxValue}.", nameof(items));
        query.Validate();
        if (query.Theta.Rows != items.Columns || query.Theta.Columns != items.Columns)
        {
            throw new ArgumentException(
                $"Θ is [{query.Theta.Rows}, {query.Theta.Columns}], items have {items.Columns} dimensions.", nameof(query));
        }

        if (contexts.Dimension != items.Columns)
            throw new ArgumentException($"Contexts have {contexts.Dimension} dimensions, items {items.Columns}.", nameof(contexts));
        (_query, Items, Count, BatchSize) = (query, items, contexts.Count, batchSize);
        _contexts = new ContextBatch(contexts, batchSize);
        Rows = new Matrix(batchSize, items.Columns);
    }

    /// <summary>β [P, L].</summary>
    public Matrix Items { get; }

    /// <summary>N.</summary>
    public int Count { get; }

    /// <summary>Contexts of a batch, at most.</summary>
    public int BatchSize { get; }

    /// <summary>H [B, L] of the last batch.</summary>
    public Matrix Rows { get; }

    /// <summary>Makes H of the given contexts.</summary>
    public void Fill(ReadOnlySpan<int> contexts, WorkerTeam team)
    {
        _contexts.Fill(contexts, team);
        _query.Project(_projection, _contexts.Rows, Rows, contexts.Length, team);
    }

    public void Dispose()
    {
        _contexts.Dispose();
        Rows.Dispose();
    }
}
