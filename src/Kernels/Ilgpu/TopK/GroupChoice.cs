using ILGPU;

namespace KernelPolicy.Kernels.Ilgpu;

/// <summary>The groups of items that hold the top K of each query.</summary>
/// <param name="capacity">The most groups a query: K, or all there are.</param>
/// <param name="items">P.</param>
/// <param name="groupBits">How many bits of an item's number say which of its group it is.</param>
internal readonly struct GroupChoice(int capacity, int items, int groupBits)
{
    private readonly int _groupBits = groupBits;

    /// <summary>Groups of a query: the number is the same for all.</summary>
    public int Capacity { get; } = capacity;

    /// <summary>P.</summary>
    public int Items { get; } = items;

    /// <summary>Items of a group.</summary>
    public int GroupItems => 1 << _groupBits;

    /// <summary>Always zero, which compilers of kernels do not know.</summary>
    public int Zero { get; }

    /// <summary>The groups, rising [B, capacity].</summary>
    public ArrayView<int> Groups { get; init; }

    /// <summary>How many were found [B]: fewer where scores are no numbers.</summary>
    public ArrayView<int> Found { get; init; }

    /// <summary>Scores of their items [B, capacity, group items]; −∞ after the last item.</summary>
    public ArrayView<float> Scores { get; init; }

    /// <summary>Which item is at a place of a query's groups, all their items counted; it may lie after the last of the
    /// catalogue.</summary>
    public long Item(int query, int place) =>
        ((long)Groups[((long)query * Capacity) + (place >> _groupBits)] << _groupBits) + (place & (GroupItems - 1));
}
