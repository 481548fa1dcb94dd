using System.Runtime.CompilerServices;

namespace KernelPolicy.Index;

/// <summary>
/// The best candidates seen, best first, and the place of the first whose links have not been followed: both heaps of the
/// usual search in one sorted array.
/// </summary>
/// <remarks>
/// The neighbours of one node are merged at once, so each entry moves at most once for each node visited. At ef of some
/// hundreds that is cheaper than two heaps, and the answer comes out sorted.
/// </remarks>
internal sealed class CandidateList
{
    private const int SortByInsertion = 24;

    private ulong[] _entries = [];
    private int _kept;
    private int _followed;
    private int _first;

    /// <summary>Candidates that the list keeps at most.</summary>
    public int Kept => _kept;

    public int Count { get; private set; }

    public ReadOnlySpan<ulong> Entries => _entries.AsSpan(0, Count);

    /// <summary>What a candidate must exceed to enter.</summary>
    public ulong Threshold
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Count < _kept ? 0 : _entries[_kept - 1];
    }

    /// <summary>Empties the list.</summary>
    /// <param name="kept">Candidates kept.</param>
    /// <param name="followed">How many of the best have their links followed: what lies behind them is kept for the
    /// answer alone.</param>
    /// <param name="largestBlock">Candidates merged at once at most; a merge of <paramref name="kept"/> has room
    /// too.</param>
    public void Reset(int kept, int followed, int largestBlock)
    {
        int room = kept + Math.Max(kept, largestBlock);
        if (_entries.Length < room)
            _entries = new ulong[room];
        _kept = kept;
        _followed = followed;
        _first = 0;
        Count = 0;
    }

    /// <summary>Takes the best candidates whose links have not been followed, up to as many as there is room for, and marks
    /// them.</summary>
    /// <returns>How many there were.</returns>
    public int Follow(Span<int> nodes)
    {
        ulong[] entries = _entries;
        int taken = 0;
        int i = _first;
        int end = Math.Min(Count, _followed);
        for (; i < end && taken < nodes.Length; i++)
        {
            if ((entries[i] & Candidate.Followed) != 0)
                continue;
            entries[i] |= Candidate.Followed;
            nodes[taken++] = Candidate.Node(entries[i]);
        }

        _first = i;
        return taken;
    }

    /// <summary>Merges new candidates, in any order, and drops what the list does not keep. Sorts the block.</summary>
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

        Count = Math.Min(entries.Length, _kept);
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
