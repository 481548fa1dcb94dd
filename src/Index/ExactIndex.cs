using KernelPolicy.Kernels;

namespace KernelPolicy.Index;

/// <summary>The exact scan as an index: every item is scored; recall is 1. The oracle of every audit.</summary>
/// <remarks>
/// Cost: 2·B·P·L operations a batch, divided among the team. Any number of threads may search at once, each search with
/// a team of its own; scratch memory is pooled and nothing is allocated once the pool is warm.
/// </remarks>
public sealed class ExactIndex : IMipsIndex
{
    private readonly SlotPool<TopKScan> _scans = new(() => new TopKScan(), scan => scan.Dispose());
    private readonly SlotPool<FilteredScan> _filtered = new(() => new FilteredScan(), scan => scan.Dispose());

    /// <summary>Wraps items β [P, L], which stay the caller's.</summary>
    public ExactIndex(Matrix items)
    {
        ArgumentNullException.ThrowIfNull(items);
        Items = items;
    }

    /// <inheritdoc/>
    public string Kind => "exact";

    /// <inheritdoc/>
    public string Description => Kind;

    /// <inheritdoc/>
    public Matrix Items { get; }

    /// <inheritdoc/>
    public long Bytes => 0;

    /// <inheritdoc/>
    public void Search(Matrix queries, int count, int k, TopK result, WorkerTeam team, ItemFilter? filter = null)
    {
        AllowedItems.Check(filter, Items.Rows);
        if (filter is not null && filter.Allowed < filter.Items)
        {
            SearchAllowed(queries, count, k, new AllowedItems(filter.Items, filter), result, team);
            return;
        }

        TopKScan scan = _scans.Rent();
        try
        {
            scan.Run(Items, queries, count, k, result, team);
        }
        finally
        {
            _scans.Return(scan);
        }
    }

    /// <summary>Frees the pooled scratch memory. No search may be running.</summary>
    public void Dispose()
    {
        _scans.Dispose();
        _filtered.Dispose();
    }

    private void SearchAllowed(Matrix queries, int count, int k, in AllowedItems allowed, TopK result, WorkerTeam team)
    {
        ArgumentNullException.ThrowIfNull(result);
        ArgumentNullException.ThrowIfNull(team);
        FilteredScan scan = _filtered.Rent();
        try
        {
            scan.Run(Items, queries, count, k, allowed, result, team);
        }
        finally
        {
            _filtered.Return(scan);
        }
    }
}
