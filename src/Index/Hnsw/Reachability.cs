namespace KernelPolicy.Index;

/// <summary>
/// Which nodes a path from the entry reaches on layer 0, and new links to those that none does.
/// </summary>
/// <remarks>
/// Links are directed and rows are cut to their capacity, so a node may lose every link to it; no search finds it then,
/// however wide. The paths found form a tree; a full row gives up a link that is no branch of it, so no repair undoes
/// another, and one pass suffices.
/// </remarks>
internal sealed class Reachability
{
    private const int Unreached = -1;
    private const int Ef = 64;

    private readonly HnswGraph _graph;
    private readonly int[] _parents;
    private readonly Queue<int> _queue = new();

    private Reachability(HnswGraph graph)
    {
        _graph = graph;
        _parents = new int[graph.Nodes];
        Array.Fill(_parents, Unreached);
        Reach(graph.Entry, graph.Entry);
    }

    /// <summary>Counts the nodes that a path from the entry reaches on layer 0, the entry included.</summary>
    public static int Count(HnswGraph graph) => new Reachability(graph)._parents.Count(parent => parent != Unreached);

    /// <summary>Links every unreachable node, in the order given, from the nearest reachable one that has room.</summary>
    /// <returns>Nodes found unreachable; links added.</returns>
    public static (int Unreachable, int Repaired) Repair(
        HnswGraph graph, GraphMetric metric, int[] order, SearchScratch scratch, CancellationToken cancellation)
    {
        Reachability reachability = new(graph);
        int unreachable = order.Count(node => reachability._parents[node] == Unreached);
        int repaired = 0;
        foreach (int node in order)
        {
            if (reachability._parents[node] != Unreached)
                continue;
            cancellation.ThrowIfCancellationRequested();
            metric.Vectors.Set(scratch.Query, node);
            GraphWalk.Search(graph, 0, new([graph.Entry], 0), new(Ef), new MetricScorer(metric, scratch.Query, node), scratch);
            reachability.Attach(node, scratch.Candidates.Entries, order);
            repaired++;
        }

        return (unreachable, repaired);
    }

    private void Attach(int node, ReadOnlySpan<ulong> nearest, int[] order)
    {
        foreach (ulong candidate in nearest)
        {
            if (TryLink(Candidate.Node(candidate), node))
                return;
        }

        // All of those rows are full of branches. n reachable nodes have n − 1 branches, so some row has room.
        foreach (int other in order)
        {
            if (_parents[other] != Unreached && TryLink(other, node))
                return;
        }
    }

    private bool TryLink(int from, int to)
    {
        Span<int> links = _graph.Links(0, from);
        LinkTable table = _graph.Ground;
        int place = links.Length;
        if (place == table.Capacity)
        {
            // The last links are the farthest.
            do
                place--;
            while (place >= 0 && _parents[links[place]] == from);
            if (place < 0)
                return false;
        }

        unsafe
        {
            table.Row(from)[place] = to;
        }

        Reach(to, from);
        return true;
    }

    private void Reach(int start, int parent)
    {
        _parents[start] = parent;
        _queue.Enqueue(start);
        while (_queue.TryDequeue(out int node))
        {
            foreach (int link in _graph.Links(0, node))
            {
                if (_parents[link] != Unreached)
                    continue;
                _parents[link] = node;
                _queue.Enqueue(link);
            }
        }
    }
}
