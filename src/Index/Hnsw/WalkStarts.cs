using KernelPolicy.Kernels;

namespace KernelPolicy.Index;

/// <summary>How far a walk looks.</summary>
/// <param name="Followed">ef: the walk ends when the links of so many of the best candidates have been followed.</param>
/// <param name="Kept">Candidates kept, at least as many.</param>
internal readonly record struct WalkBreadth(int Followed, int Kept)
{
    /// <summary>Keeps what it follows.</summary>
    public WalkBreadth(int ef)
        : this(ef, ef)
    {
    }
}

/// <summary>
/// Where a walk starts: at some nodes, and at the first by number, which are the longest items.
/// </summary>
/// <param name="nodes">Nodes to start from: at least one where <paramref name="longest"/> is 0; at most as many as a block
/// holds.</param>
/// <param name="longest">How many of the nodes 0, 1, 2 … to start from beside them.</param>
internal readonly ref struct WalkStarts(ReadOnlySpan<int> nodes, int longest)
{
    private readonly ReadOnlySpan<int> _nodes = nodes;

    /// <summary>Puts the starts into the scratch's candidates and marks them as visited.</summary>
    public unsafe void Enter<TScorer, TFilter>(uint* visited, TScorer scorer, TFilter filter, SearchScratch scratch)
        where TScorer : struct, INodeScorer
        where TFilter : struct, INodeFilter
    {
        if (longest > 0)
            Sweep(visited, scorer, filter, scratch);
        int count = 0;
        foreach (int node in _nodes)
        {
            uint bit = 1u << node;
            if ((visited[node >> 5] & bit) == 0)
                scratch.Block[count++] = node;
            visited[node >> 5] |= bit;
        }

        GraphWalk.Enter(scorer, filter, scratch, count);
    }

    /// <summary>Scores the longest items in one sweep over memory, and merges at once the best of them, as many as the list
    /// keeps.</summary>
    private unsafe void Sweep<TScorer, TFilter>(uint* visited, TScorer scorer, TFilter filter, SearchScratch scratch)
        where TScorer : struct, INodeScorer
        where TFilter : struct, INodeFilter
    {
        new Span<uint>(visited, longest >> 5).Fill(uint.MaxValue);
        visited[longest >> 5] |= (1u << longest) - 1;
        scratch.ScoredBeside += longest;
        Span<ulong> keys = scratch.Sweep(longest);
        int[] block = scratch.Block;
        for (int first = 0; first < longest; first += block.Length)
        {
            int count = Math.Min(block.Length, longest - first);
            for (int i = 0; i < count; i++)
                block[i] = first + i;
            Span<float> scores = scratch.Scores.AsSpan(0, count);
            scorer.Score(block.AsSpan(0, count), scores);
            for (int i = 0; i < count; i++)
                keys[first + i] = Candidate.Pack(scores[i], first + i);
        }

        int kept = Math.Min(longest, scratch.Candidates.Kept);
        ScoredItem.SelectLargest(keys, kept);
        scratch.Candidates.Merge(keys[..kept]);
        if (TFilter.Collects)
            MergeAllowed(keys, kept, filter, scratch.Allowed);
    }

    /// <summary>Merges the best allowed keys; the first <paramref name="best"/> are better than the others, which are looked
    /// at only where those do not fill the list.</summary>
    private static void MergeAllowed<TFilter>(Span<ulong> keys, int best, TFilter filter, CandidateList allowed)
        where TFilter : struct, INodeFilter
    {
        int count = 0;
        for (int i = 0; i < keys.Length; i++)
        {
            if (i == best && count >= allowed.Kept)
                break;
            if (filter.Allows(Candidate.Node(keys[i])))
                keys[count++] = keys[i];
        }

        int kept = Math.Min(count, allowed.Kept);
        ScoredItem.SelectLargest(keys[..count], kept);
        allowed.Merge(keys[..kept]);
    }
}
