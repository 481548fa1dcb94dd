using System.Numerics;

namespace KernelPolicy.Index;

/// <summary>
/// What one search may return: all items, or those that one or two filters allow, as the bans of a live index and the
/// caller's filter. Two are looked at side by side, since joining them would take memory for each search.
/// </summary>
internal readonly struct AllowedItems
{
    private readonly ItemFilter? _first;
    private readonly ItemFilter? _second;

    /// <param name="items">P of the index.</param>
    /// <param name="first">A filter, or none.</param>
    /// <param name="second">Another, or none.</param>
    public AllowedItems(int items, ItemFilter? first, ItemFilter? second = null)
    {
        Items = items;
        _first = first ?? second;
        _second = first is null ? null : second;
        if (_first is null)
        {
            Count = items;
            return;
        }

        if (_second is null && _first.Items == items)
        {
            Count = _first.Allowed;
            return;
        }

        for (int word = 0; word < Words; word++)
            Count += BitOperations.PopCount(Word(word));
    }

    /// <summary>P.</summary>
    public int Items { get; }

    /// <summary>How many items are allowed.</summary>
    public int Count { get; }

    public bool IsAll => _first is null || Count == Items;

    public int Words => ItemFilter.WordsOf(Items);

    /// <summary>Throws where a caller's filter knows items that the index does not have, or does not know some that it has
    /// and must.</summary>
    /// <exception cref="ArgumentException">The filter does not fit.</exception>
    public static void Check(ItemFilter? filter, long items)
    {
        if (filter is not null && filter.Items != items)
        {
            throw new ArgumentException(
                $"The filter is over {filter.Items} items, the index holds {items}.", nameof(filter));
        }
    }

    public bool Allows(int item) => _first!.Test(item) && (_second is null || _second.Test(item));

    /// <summary>The bits of items 64·word and on that are allowed, none beyond P.</summary>
    public ulong Word(int word)
    {
        ulong bits = _first is null ? ulong.MaxValue : _first.Word(word);
        if (_second is not null)
            bits &= _second.Word(word);
        return word == Words - 1 ? bits & ItemFilter.TailOf(Items) : bits;
    }
}
