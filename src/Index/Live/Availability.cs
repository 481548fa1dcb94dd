namespace KernelPolicy.Index;

/// <summary>Which items are banned for now and which removed for good: the writers' side, from which each state gets a filter
/// of its own. One owner at a time.</summary>
internal sealed class Availability
{
    private ulong[] _banned = [];
    private ulong[] _removed = [];

    /// <summary>Bans items, or removes them for good.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One is not an item; then nothing has changed.</exception>
    public void Ban(ReadOnlySpan<int> items, int count, bool forGood)
    {
        Check(items, count);
        ulong[] words = forGood ? Grown(ref _removed, count) : Grown(ref _banned, count);
        foreach (int item in items)
            words[item >> 6] |= 1UL << item;
    }

    /// <summary>Lifts bans.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One is not an item; then nothing has changed.</exception>
    public void Unban(ReadOnlySpan<int> items, int count)
    {
        Check(items, count);
        ulong[] words = Grown(ref _banned, count);
        foreach (int item in items)
            words[item >> 6] &= ~(1UL << item);
    }

    /// <summary>What may be found among the first items, all where null.</summary>
    public ItemFilter? Available(int count)
    {
        ulong[] banned = Grown(ref _banned, count);
        ulong[] removed = Grown(ref _removed, count);
        ulong[] words = new ulong[ItemFilter.WordsOf(count)];
        for (int word = 0; word < words.Length; word++)
            words[word] = ~(banned[word] | removed[word]);
        ItemFilter filter = new(count, words, allowsOthers: true);
        return filter.Allowed == count ? null : filter;
    }

    /// <summary>The items removed for good, in rising order.</summary>
    public int[] Removed(int count)
    {
        ulong[] removed = Grown(ref _removed, count);
        return [.. Enumerable.Range(0, count).Where(item => (removed[item >> 6] >> item & 1) != 0)];
    }

    private static void Check(ReadOnlySpan<int> items, int count)
    {
        foreach (int item in items)
        {
            if ((uint)item >= (uint)count)
            {
                throw new ArgumentOutOfRangeException(
                    nameof(items), item, $"Item {item} is not one of the index's: 0 to {count - 1}.");
            }
        }
    }

    private static ulong[] Grown(ref ulong[] words, int count)
    {
        if (words.Length < ItemFilter.WordsOf(count))
            Array.Resize(ref words, ItemFilter.WordsOf(count));
        return words;
    }
}
