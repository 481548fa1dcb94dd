using KernelPolicy.Index;
using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>The items that one or two filters allow, for kernels that draw from them.</summary>
internal readonly struct FilteredItems(AllowedItems allowed) : IItemSet
{
    private readonly AllowedItems _allowed = allowed;

    public FilteredItems(ItemFilter filter)
        : this(new AllowedItems(filter.Items, filter))
    {
    }

    public int Items => _allowed.Items;

    public int Count => _allowed.Count;

    public bool Allows(int item) => _allowed.Allows(item);

    public ulong Word(int word) => _allowed.Word(word);
}
