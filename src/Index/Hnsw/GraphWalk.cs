using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace KernelPolicy.Index;

/// <summary>The two walks of HNSW: greedy down the upper layers, best-first within one.</summary>
/// <remarks>
/// <para>Bound by the latency of memory: a row of links, and then the codes of all that it leads to, are far apart, and each
/// takes longer to come than to be used. So the best-first walk works three steps at a time, like a pipeline: while a beam
/// of candidates is chosen and their rows asked for, the rows of the beam before are read and the codes of its new nodes
/// asked for, and the nodes of the beam before that are scored.</para>
/// <para>A beam is chosen before the two under way have been scored. In a list of ef nearly every candidate is followed
/// sooner or later, and the order costs little.</para>
/// </remarks>
internal static unsafe class GraphWalk
{
    /// <summary>Most candidates followed at once.</summary>
    public const int LargestBeam = 4;

    /// <summary>Candidates to follow for each that is followed at once.</summary>
    private const int ListOverBeam = 16;

    /// <summary>Nodes scored at once at most, in a graph whose rows have <paramref name="capacity"/> links.</summary>
    public static int LargestBlock(int capacity) => (LargestBeam * capacity) + 2;

    /// <summary>From <paramref name="node"/>, moves on each layer from <paramref name="from"/> down to
    /// <paramref name="to"/> to the best neighbour until none is better.</summary>
    /// <returns>Where the walk ends.</returns>
    public static int Descend<TScorer>(HnswGraph graph, int node, int from, int to, TScorer scorer, SearchScratch scratch)
        where TScorer : struct, INodeScorer
    {
        if (from < to)
            return node;
        scratch.Block[0] = node;
        scorer.Score(scratch.Block.AsSpan(0, 1), scratch.Scores.AsSpan(0, 1));
        ulong best = Candidate.Pack(scratch.Scores[0], node);
        int scored = 1;
        for (int layer = from; layer >= to; layer--)
        {
            ulong before;
            do
            {
                before = best;
                ReadOnlySpan<int> links = graph.Links(layer, Candidate.Node(best));
                foreach (int link in links)
                    scorer.Prefetch(link);
                Span<float> scores = scratch.Scores.AsSpan(0, links.Length);
                scorer.Score(links, scores);
                scored += links.Length;
                for (int i = 0; i < links.Length; i++)
                    best = Math.Max(best, Candidate.Pack(scores[i], links[i]));
            }
            while (best != before);
        }

        scratch.ScoredBeside += scored;
        return Candidate.Node(best);
    }

    /// <summary>Best-first search of one layer; the answer lies in the scratch's candidates.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="starts">Where to start.</param>
    /// <param name="breadth">How far to look.</param>
    /// <param name="scorer">What is looked for.</param>
    /// <param name="scratch">Memory.</param>
    public static void Search<TScorer>(
        HnswGraph graph, int layer, in WalkStarts starts, WalkBreadth breadth, TScorer scorer, SearchScratch scratch)
        where TScorer : struct, INodeScorer
        => Search(graph, layer, starts, breadth, scorer, default(NoFilter), scratch);

    /// <summary>The same search, which also collects the best of the nodes that a filter allows: all that it scores are
    /// looked at, and those that are not allowed are stepping stones.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="starts">Where to start.</param>
    /// <param name="breadth">How far to look.</param>
    /// <param name="scorer">What is looked for.</param>
    /// <param name="filter">What to collect in the scratch's list of allowed nodes, which the caller has reset.</param>
    /// <param name="scratch">Memory.</param>
    public static void Search<TScorer, TFilter>(
        HnswGraph graph, int layer, in WalkStarts starts, WalkBreadth breadth, TScorer scorer, TFilter filter, SearchScratch scratch)
        where TScorer : struct, INodeScorer
        where TFilter : struct, INodeFilter
    {
        LinkTable table = graph.Table(layer);
        int capacity = table.Capacity;
        int beam = Math.Clamp(breadth.Followed / ListOverBeam, 1, LargestBeam);
        Debug.Assert(scratch.Block.Length >= LargestBlock(capacity));
        CandidateList candidates = scratch.Candidates;
        candidates.Reset(breadth.Kept, breadth.Followed, LargestBlock(capacity));
        Span<int> rows = stackalloc int[LargestBeam];
        Span<int> next = stackalloc int[LargestBeam];
        fixed (uint* visited = scratch.BeginVisits())
        {
            starts.Enter(visited, scorer, filter, scratch);
            int unscored = 0;
            int count = Choose(graph, layer, rows[..beam], candidates);
            while (count + unscored > 0)
            {
                int ahead = Choose(graph, layer, next[..beam], candidates);
                int fresh = 0;
                fixed (int* block = scratch.NextBlock)
                {
                    for (int i = 0; i < count; i++)
                    {
                        int before = fresh;
                        fresh = Unvisited(table.Row(graph.RowOf(layer, rows[i])), capacity, visited, block, fresh);
                        for (int j = before; j < fresh; j++)
                            scorer.Prefetch(block[j]);
                    }
                }

                Enter(scorer, filter, scratch, unscored);
                scratch.SwapBlocks();
                unscored = fresh;
                next.CopyTo(rows);

                // Where the list held no more, what has just been scored may have brought some.
                count = ahead > 0 ? ahead : Choose(graph, layer, rows[..beam], candidates);
            }
        }
    }

    /// <summary>Scores the first nodes of the scratch's block and merges those that are good enough.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Enter<TScorer, TFilter>(TScorer scorer, TFilter filter, SearchScratch scratch, int count)
        where TScorer : struct, INodeScorer
        where TFilter : struct, INodeFilter
    {
        if (count == 0)
            return;
        ReadOnlySpan<int> nodes = scratch.Block.AsSpan(0, count);
        Span<float> scores = scratch.Scores.AsSpan(0, count);
        Span<ulong> packed = scratch.Packed.AsSpan(0, count);
        scorer.Score(nodes, scores);
        scratch.Scored += count;
        ulong threshold = scratch.Candidates.Threshold;
        int good = 0;
        for (int i = 0; i < nodes.Length; i++)
        {
            ulong candidate = Candidate.Pack(scores[i], nodes[i]);
            packed[good] = candidate;
            good += candidate > threshold ? 1 : 0;
        }

        scratch.Candidates.Merge(packed[..good]);
        if (TFilter.Collects)
            Collect(filter, nodes, scores, scratch);
    }

    /// <summary>Merges those of the scored nodes that are allowed and good enough for that list.</summary>
    private static void Collect<TFilter>(
        TFilter filter, ReadOnlySpan<int> nodes, ReadOnlySpan<float> scores, SearchScratch scratch)
        where TFilter : struct, INodeFilter
    {
        Span<ulong> packed = scratch.Packed.AsSpan(0, nodes.Length);
        ulong threshold = scratch.Allowed.Threshold;
        int good = 0;
        for (int i = 0; i < nodes.Length; i++)
        {
            ulong candidate = Candidate.Pack(scores[i], nodes[i]);
            if (candidate > threshold && filter.Allows(nodes[i]))
                packed[good++] = candidate;
        }

        scratch.Allowed.Merge(packed[..good]);
    }

    /// <summary>Takes the best candidates not yet followed and asks for their rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Choose(HnswGraph graph, int layer, Span<int> nodes, CandidateList candidates)
    {
        int count = candidates.Follow(nodes);
        LinkTable table = graph.Table(layer);
        for (int i = 0; i < count; i++)
            table.Prefetch(graph.RowOf(layer, nodes[i]));
        return count;
    }

    /// <summary>Adds the nodes of a row that have not been visited to the block, and marks them. Free of branches: whether a
    /// node has been visited is anyone's guess.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Unvisited(int* links, int capacity, uint* visited, int* block, int count)
    {
        for (int i = 0; i < capacity; i++)
        {
            int link = links[i];
            if (link < 0)
                break;
            uint marks = visited[link >> 5];
            block[count] = link;
            count += (int)(~(marks >> link) & 1);
            visited[link >> 5] = marks | (1u << link);
        }

        return count;
    }
}
