using KernelPolicy.Kernels;

namespace KernelPolicy.Index;

/// <summary>
/// First half of a round of insertions: each new node finds its neighbours in the graph as it stood when the round began,
/// and among the nodes before it in the round, and notes them in its own rows.
/// </summary>
/// <remarks>Pieces write to rows that no other piece reads, so the result does not depend on who does them when.</remarks>
internal sealed class InsertionRound(
    HnswGraph graph, GraphMetric metric, int efConstruction, int[] order, BuildScratch[] scratches) : IParallelWork
{
    private int _start;
    private bool _seesRound;

    /// <summary>Names the round: nodes order[start] and on.</summary>
    /// <param name="start">How many nodes the graph holds.</param>
    /// <param name="seesRound">Whether a node looks at those before it in the round.</param>
    public void Begin(int start, bool seesRound)
    {
        _start = start;
        _seesRound = seesRound;
    }

    public void Execute(int index, int worker)
    {
        BuildScratch build = scratches[worker];
        SearchScratch scratch = build.Search;
        int node = order[_start + index];
        int level = graph.Levels[node];
        metric.Vectors.Set(scratch.Query, node);
        MetricScorer scorer = new(metric, scratch.Query, node);
        int at = GraphWalk.Descend(graph, graph.Entry, graph.TopLayer, level + 1, scorer, scratch);
        for (int layer = level; layer >= 0; layer--)
        {
            GraphWalk.Search(graph, layer, new([at], 0), new(efConstruction), scorer, scratch);
            at = Candidate.Node(scratch.Candidates.Entries[0]);

            // The order goes from high levels to low: whoever is earlier in the round has this layer too.
            if (_seesRound)
                LookAt(order.AsSpan(_start, index), scorer, scratch);
            ReadOnlySpan<int> chosen = build.Selection.Select(scratch.Candidates.Entries, graph.M, graph.M);
            graph.Table(layer).Set(graph.RowOf(layer, node), chosen);
        }
    }

    private static void LookAt(ReadOnlySpan<int> nodes, MetricScorer scorer, SearchScratch scratch)
    {
        int atOnce = scratch.Block.Length;
        for (int i = 0; i < nodes.Length; i += atOnce)
        {
            ReadOnlySpan<int> some = nodes.Slice(i, Math.Min(atOnce, nodes.Length - i));
            some.CopyTo(scratch.Block);
            GraphWalk.Enter(scorer, default(NoFilter), scratch, some.Length);
        }
    }
}
