using System.Numerics;

namespace KernelPolicy.Index;

/// <summary>
/// Which of the items 0 … P − 1 a search may return: a bit for each. Made once, used by any number of searches.
/// </summary>
/// <remarks>
/// <para>Thread safety: immutable; any number of threads may use it at once.</para>
/// <para>A filter made from a list of banned items alone allows what it does not know, one made from a list of allowed
/// items does not (<see cref="AllowsOthers"/>): so a filter stays of use while a <see cref="LiveIndex"/> grows.</para>
/// <para>Memory: P / 8 bytes.</para>
/// </remarks>
public sealed class ItemFilter
{
    internal const int WordBits = 64;

    private readonly ulong[] _words;

    /// <summary>Takes over words; what lies beyond P in the last of them is set here.</summary>
    internal ItemFilter(int items, ulong[] words, bool allowsOthers)
    {
        Items = items;
        AllowsOthers = allowsOthers;
        _words = words;
        ulong tail = TailOf(items);
        int allowed = 0;
        for (int word = 0; word < words.Length; word++)
            allowed += BitOperations.PopCount(word == words.Length - 1 ? words[word] & tail : words[word]);
        Allowed = allowed;
        if (words.Length > 0)
            words[^1] = allowsOthers ? words[^1] | ~tail : words[^1] & tail;
    }

    /// <summary>P: items that the filter knows.</summary>
    public int Items { get; }

    /// <summary>How many of them it allows.</summary>
    public int Allowed { get; }

    /// <summary>Whether items from P on are allowed.</summary>
    public bool AllowsOthers { get; }

    /// <summary>Allows the items of a list and no others.</summary>
    /// <param name="items">P, at least 0.</param>
    /// <param name="allowed">Items, 0 to P − 1, in any order; one that is named twice counts once.</param>
    /// <exception cref="ArgumentOutOfRangeException">An item is not one of the P.</exception>
    public static ItemFilter Allow(int items, ReadOnlySpan<int> allowed) => Make(items, allowed, true, []);

    /// <summary>Allows all items but those of a list.</summary>
    /// <param name="items">P, at least 0.</param>
    /// <param name="banned">Items, 0 to P − 1, in any order; one that is named twice counts once.</param>
    /// <exception cref="ArgumentOutOfRangeException">An item is not one of the P.</exception>
    public static ItemFilter Ban(int items, ReadOnlySpan<int> banned) => Make(items, [], false, banned);

    /// <summary>Allows the items of one list that are not in another.</summary>
    /// <param name="items">P, at least 0.</param>
    /// <param name="allowed">Items, 0 to P − 1, in any order.</param>
    /// <param name="banned">Items, 0 to P − 1, in any order.</param>
    /// <exception cref="ArgumentOutOfRangeException">An item is not one of the P.</exception>
    public static ItemFilter Of(int items, ReadOnlySpan<int> allowed, ReadOnlySpan<int> banned) => Make(items, allowed, true, banned);

    /// <summary>Whether a search may return an item.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is negative.</exception>
    public bool Allows(int item)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(item);
        return Test(item);
    }

    /// <summary>The filter that allows what both do. It knows as many items as the one that knows more.</summary>
    public ItemFilter And(ItemFilter other)
    {
        ArgumentNullException.ThrowIfNull(other);
        int items = Math.Max(Items, other.Items);
        ulong[] words = new ulong[WordsOf(items)];
        for (int word = 0; word < words.Length; word++)
            words[word] = Word(word) & other.Word(word);
        return new ItemFilter(items, words, AllowsOthers && other.AllowsOthers);
    }

    /// <summary>The filter of items that lie together, by their numbers among these: bit i is item <paramref name="first"/> + i here.</summary>
    /// <param name="first">The first of them.</param>
    /// <param name="count">How many.</param>
    /// <exception cref="ArgumentOutOfRangeException">They are not all among the P items.</exception>
    public ItemFilter Part(int first, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        if (count < 0 || count > Items - first)
            throw new ArgumentOutOfRangeException(nameof(count), count, $"From item {first} on the filter knows {Math.Max(0, Items - first)}.");
        ulong[] words = new ulong[WordsOf(count)];
        int shift = first % WordBits;
        for (int word = 0; word < words.Length; word++)
        {
            int from = (first / WordBits) + word;
            words[word] = shift == 0 ? Word(from) : (Word(from) >> shift) | (Word(from + 1) << (WordBits - shift));
        }

        return new ItemFilter(count, words, AllowsOthers);
    }

    internal static int WordsOf(int items) => (int)(((long)items + WordBits - 1) / WordBits);

    /// <summary>The bits of the last word that stand for items.</summary>
    internal static ulong TailOf(int items) => items % WordBits == 0 ? ulong.MaxValue : (1UL << items) - 1;

    internal bool Test(int item)
    {
        int word = item >> 6;
        return (uint)word < (uint)_words.Length ? (_words[word] >> item & 1) != 0 : AllowsOthers;
    }

    /// <summary>64 items' bits; any word may be asked for.</summary>
    internal ulong Word(int word) => (uint)word < (uint)_words.Length ? _words[word] : AllowsOthers ? ulong.MaxValue : 0;

    private static ItemFilter Make(int items, ReadOnlySpan<int> allowed, bool isAllowList, ReadOnlySpan<int> banned)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(items);
        ulong[] words = new ulong[WordsOf(items)];
        if (!isAllowList)
            Array.Fill(words, ulong.MaxValue);
        foreach (int item in allowed)
            words[Checked(item, items, nameof(allowed)) >> 6] |= 1UL << item;
        foreach (int item in banned)
            words[Checked(item, items, nameof(banned)) >> 6] &= ~(1UL << item);
        return new ItemFilter(items, words, !isAllowList);
    }

    private static int Checked(int item, int items, string name) => (uint)item < (uint)items
        ? item
        : throw new ArgumentOutOfRangeException(name, item, $"Item {item} is not one of the filter's: 0 to {items - 1}.");
}
