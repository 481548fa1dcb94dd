using KernelPolicy.Index;
using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>The items that a filter allows, for kernels that draw from them.</summary>
internal readonly struct FilteredItems(ItemFilter filter) : IItemSet
{
    public int Items => filter.Items;

    public int Count => filter.Allowed;

    public bool Allows(int item) => filter.Test(item);

    // A filter's last word may allow what lies beyond P.
    public ulong Word(int word) =>
        filter.Word(word) & (word == ItemFilter.WordsOf(filter.Items) - 1 ? ItemFilter.TailOf(filter.Items) : ulong.MaxValue);
}
