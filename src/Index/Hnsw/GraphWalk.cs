using System.Diagnostics;
using System.Runtime.CompilerServices;
using KernelPolicy.Kernels;

namespace KernelPolicy.Index;

/// <summary>Scores nodes against whatever a walk is looking for; larger is better.</summary>
internal interface INodeScorer
{
    void Score(ReadOnlySpan<int> nodes, Span<float> scores);
}

/// <summary>By inner product with a query.</summary>
internal readonly unsafe struct QueryScorer(float* query, Matrix items) : INodeScorer
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Score(ReadOnlySpan<int> nodes, Span<float> scores) => RowScores.Gather(query, items, nodes, scores);
}

/// <summary>By nearness to an item.</summary>
internal readonly struct ItemScorer(GraphMetric metric, int item) : INodeScorer
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Score(ReadOnlySpan<int> nodes, Span<float> scores) => metric.Score(item, nodes, scores);
}

/// <summary>The two walks of HNSW: greedy down the upper layers, best-first within one.</summary>
/// <remarks>Generic over the scorer, which the JIT compiles in: one walk for queries, for items under construction, and
/// for whatever codes may stand in for vectors later.</remarks>
internal static unsafe class GraphWalk
{
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
        for (int layer = from; layer >= to; layer--)
        {
            ulong before;
            do
            {
                before = best;
                ReadOnlySpan<int> links = graph.Links(layer, Candidate.Node(best));
                Span<float> scores = scratch.Scores.AsSpan(0, links.Length);
                scorer.Score(links, scores);
                for (int i = 0; i < links.Length; i++)
                    best = Math.Max(best, Candidate.Pack(scores[i], links[i]));
            }
            while (best != before);
        }

        return Candidate.Node(best);
    }

    /// <summary>Best-first search of one layer from <paramref name="start"/> and <paramref name="others"/>; the
    /// answer lies in the scratch's candidates.</summary>
    public static void Search<TScorer>(
        HnswGraph graph, int layer, int start, ReadOnlySpan<int> others, int ef, TScorer scorer, SearchScratch scratch)
        where TScorer : struct, INodeScorer
    {
        LinkTable table = graph.Table(layer);
        int capacity = table.Capacity;
        Debug.Assert(scratch.Block.Length >= capacity + 2);
        CandidateList candidates = scratch.Candidates;
        candidates.Reset(ef, capacity + 2);
        fixed (byte* visited = scratch.BeginVisits(out byte version))
        fixed (int* block = scratch.Block)
        {
            block[0] = start;
            visited[start] = version;
            int starts = 1;
            foreach (int other in others)
            {
                block[starts] = other;
                starts += visited[other] != version ? 1 : 0;
                visited[other] = version;
                if (starts <= capacity)
                    continue;
                Enter(scorer, scratch, starts);
                starts = 0;
            }

            Enter(scorer, scratch, starts);
            int node;
            while ((node = candidates.Follow()) >= 0)
            {
                int* links = table.Row(graph.RowOf(layer, node));
                int next = candidates.Peek();
                if (next >= 0)
                    table.Prefetch(graph.RowOf(layer, next));
                int fresh = 0;
                for (int i = 0; i < capacity; i++)
                {
                    int link = links[i];
                    if (link < 0)
                        break;
                    block[fresh] = link;
                    fresh += visited[link] != version ? 1 : 0;
                    visited[link] = version;
                }

                Enter(scorer, scratch, fresh);
            }
        }
    }

    /// <summary>Scores the first nodes of the scratch's block and merges those that are good enough.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Enter<TScorer>(TScorer scorer, SearchScratch scratch, int count)
        where TScorer : struct, INodeScorer
    {
        if (count == 0)
            return;
        ReadOnlySpan<int> nodes = scratch.Block.AsSpan(0, count);
        Span<float> scores = scratch.Scores.AsSpan(0, count);
        Span<ulong> packed = scratch.Packed.AsSpan(0, count);
        scorer.Score(nodes, scores);
        ulong threshold = scratch.Candidates.Threshold;
        int good = 0;
        for (int i = 0; i < nodes.Length; i++)
        {
            ulong candidate = Candidate.Pack(scores[i], nodes[i]);
            packed[good] = candidate;
            good += candidate > threshold ? 1 : 0;
        }

        scratch.Candidates.Merge(packed[..good]);
    }
}
