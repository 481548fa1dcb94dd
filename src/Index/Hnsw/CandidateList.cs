using System.Runtime.CompilerServices;

namespace KernelPolicy.Index;

/// <summary>
/// The best ef candidates seen, best first, and the place of the first whose links have not been followed: both heaps of
/// the usual search in one sorted array.
/// </summary>
/// <remarks>
/// The neighbours of one node are merged at once, so each entry moves at most once for each node visited. At ef of some
/// hundreds that is cheaper than two heaps, and the answer comes out sorted.
/// </remarks>
internal sealed class CandidateList
{
    private const int SortByInsertion = 24;

    private ulong[] _entries = [];
    private int _ef;
    private int _first;

    public int Count { get; private set; }

    public ReadOnlySpan<ulong> Entries => _entries.AsSpan(0, Count);

    /// <summary>What a candidate must exceed to enter.</summary>
    public ulong Threshold
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Count < _ef ? 0 : _entries[_ef - 1];
    }

    /// <summary>Empties the list and makes room for <paramref name="ef"/> entries and for merges of up to
    /// <paramref name="largestBlock"/>.</summary>
    public void Reset(int ef, int largestBlock)
    {
        if (_entries.Length < ef + largestBlock)
            _entries = new ulong[ef + largestBlock];
        _ef = ef;
        _first = 0;
        Count = 0;
    }

    /// <summary>Takes the best candidate whose links have not been followed, and marks it; −1 where there is none.</summary>
    public int Follow()
    {
        ulong[] entries = _entries;
        for (int i = _first; i < Count; i++)
        {
            if ((entries[i] & Candidate.Followed) != 0)
                continue;
            entries[i] |= Candidate.Followed;
            _first = i + 1;
            return Candidate.Node(entries[i]);
        }

        _first = Count;
        return -1;
    }

    /// <summary>The candidate that <see cref="Follow"/> would take now, unmarked; −1 where there is none.</summary>
    public int Peek()
    {
        ulong[] entries = _entries;
        for (int i = _first; i < Count; i++)
        {
            if ((entries[i] & Candidate.Followed) == 0)
                return Candidate.Node(entries[i]);
        }

        return -1;
    }

    /// <summary>Merges new candidates, in any order, and drops what falls beyond ef. Sorts the block.</summary>
    public void Merge(Span<ulong> block)
    {
        if (block.IsEmpty)
            return;
        SortDescending(block);
        Span<ulong> entries = _entries.AsSpan(0, Count + block.Length);
        int end = Count;
        for (int j = block.Length - 1; j >= 0; j--)
        {
            int place = CountAbove(entries[..end], block[j]);
            entries[place..end].CopyTo(entries[(place + j + 1)..]);
            entries[place + j] = block[j];
            end = place;
        }

        Count = Math.Min(entries.Length, _ef);
        _first = Math.Min(_first, end);
    }

    private static int CountAbove(ReadOnlySpan<ulong> entries, ulong value)
    {
        int low = 0;
        int length = entries.Length;
        while (length > 0)
        {
            int half = length >> 1;
            bool above = entries[low + half] > value;
            low = above ? low + half + 1 : low;
            length = above ? length - half - 1 : half;
        }

        return low;
    }

    private static void SortDescending(Span<ulong> block)
    {
        if (block.Length > SortByInsertion)
        {
            block.Sort();
            block.Reverse();
            return;
        }

        for (int i = 1; i < block.Length; i++)
        {
            ulong value = block[i];
            int j = i - 1;
            for (; j >= 0 && block[j] < value; j--)
                block[j + 1] = block[j];
            block[j + 1] = value;
        }
    }
}
