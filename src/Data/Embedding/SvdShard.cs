using KernelPolicy.Kernels;

namespace KernelPolicy.Data;

/// <summary>
/// One of several processes that decompose a matrix together, each of which has some items: the columns from
/// <see cref="FirstItem"/> on.
/// </summary>
/// <param name="Number">Number of this one, from 0.</param>
/// <param name="Count">How many there are.</param>
/// <param name="FirstItem">The first item of this one.</param>
/// <param name="OwnItems">How many it has, at least 1.</param>
/// <param name="Items">P, the items of all.</param>
/// <param name="SumTables">Puts into a table, the same shape in all processes, the sum of all of theirs; the same bits in each.</param>
/// <param name="SumNumbers">The same for a list of numbers.</param>
/// <remarks>Both sums are called by all processes in the same order.</remarks>
public sealed record SvdShard(
    int Number, int Count, int FirstItem, int OwnItems, int Items, Action<Matrix> SumTables, Action<double[]> SumNumbers)
{
    /// <summary>A process alone.</summary>
    internal static SvdShard Whole(int items) => new(0, 1, 0, items, items, _ => { }, _ => { });

    /// <summary>Throws where a number is out of range or a sum is missing.</summary>
    /// <exception cref="ArgumentException">It is.</exception>
    internal void Validate()
    {
        ArgumentNullException.ThrowIfNull(SumTables);
        ArgumentNullException.ThrowIfNull(SumNumbers);
        ArgumentOutOfRangeException.ThrowIfLessThan(Count, 1);
        if (Number < 0 || Number >= Count)
            throw new ArgumentOutOfRangeException(nameof(Number), Number, $"Of {Count} processes the numbers are 0 to {Count - 1}.");
        ArgumentOutOfRangeException.ThrowIfLessThan(OwnItems, 1);
        if (FirstItem < 0 || FirstItem > Items - OwnItems)
            throw new ArgumentOutOfRangeException(nameof(FirstItem), FirstItem, $"{OwnItems} of {Items} items cannot begin there.");
    }
}
