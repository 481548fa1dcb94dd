using System.Diagnostics;
using KernelPolicy.Kernels;

namespace KernelPolicy.Index;

/// <summary>
/// A copy of a graph with more items in it: the old nodes keep their links and levels, the new ones are inserted by the
/// steps of a build, as its last rounds.
/// </summary>
/// <remarks>
/// <para>What a build decides once stays decided: the entry, and with it the highest level, to which the levels of new nodes
/// are cut. So a graph may grow to some times its size and no further before it is built anew.</para>
/// <para>Nodes are numbered anew: the longest items, from which searches start, are the first by number, and new items may
/// be among them. The other old nodes keep their order, and the new ones follow. Codes are made anew, since a new item may
/// need a larger scale than any had.</para>
/// <para>Cost beside the insertions: a few passes over all items and links. Determinism as in
/// <see cref="HnswBuilder"/>.</para>
/// </remarks>
internal sealed class GraphExtension
{
    private readonly HnswGraph _old;
    private readonly HnswOptions _options;
    private readonly Matrix _items;
    private readonly WorkerTeam _team;
    private readonly CancellationToken _cancellation;

    private GraphExtension(HnswIndex index, Matrix items, WorkerTeam team, CancellationToken cancellation)
    {
        _old = index.Graph;
        _options = index.Options;
        _items = items;
        _team = team;
        _cancellation = cancellation;
    }

    /// <summary>An index over more items.</summary>
    /// <param name="index">The index so far, over the first of the items.</param>
    /// <param name="items">β [P + n, L], finite; not owned.</param>
    /// <param name="team">Threads to use.</param>
    /// <param name="cancellation">Looked at between rounds.</param>
    public static HnswIndex Extend(HnswIndex index, Matrix items, WorkerTeam team, CancellationToken cancellation)
    {
        (HnswGraph graph, HnswReport report) = new GraphExtension(index, items, team, cancellation).Run(index.Report);
        return new HnswIndex(items, graph, index.Options, report);
    }

    private (HnswGraph Graph, HnswReport Report) Run(HnswReport before)
    {
        long began = Stopwatch.GetTimestamp();
        ItemNorms norms = ItemNorms.Of(_items, _team);
        DuplicateChains duplicates = DuplicateChains.Find(_items);
        int[] inOldOrder = [.. _old.Vectors.ItemOf, .. NewNodes(duplicates, before.Items)];
        int starts = Math.Min(
            Math.Min(_options.LongestAsStarts, Math.Max(inOldOrder.Length / HnswBuilder.NodesOverStarts, HnswBuilder.LeastStarts)),
            inOldOrder.Length);
        int[] itemOf = LongestFirst(inOldOrder, norms.Squares, starts);
        int[] nodeOf = new int[_items.Rows];
        for (int node = 0; node < itemOf.Length; node++)
            nodeOf[itemOf[node]] = node;
        _cancellation.ThrowIfCancellationRequested();
        ItemCodes? codes = _options.Traversal == HnswTraversal.Codes ? ItemCodes.Encode(_items, itemOf, _team) : null;
        NodeVectors vectors = new(_items, new NumberColumn<int>(itemOf), codes);
        GraphMetric metric = new(_options.Metric, vectors, norms);
        int[] order = [.. inOldOrder.Select(item => nodeOf[item])];
        HnswGraph graph = new(_options.M, vectors, Levels(order, itemOf))
        {
            Entry = order[_old.Entry],
            Duplicates = duplicates,
            Starts = starts,
        };
        BuildScratch[] scratches = new BuildScratch[_team.Threads];
        try
        {
            CopyLinks(graph, order.AsSpan(0, _old.Nodes));
            SortByLevel(order.AsSpan(_old.Nodes), graph, before.Items);
            for (int worker = 0; worker < scratches.Length; worker++)
                scratches[worker] = new BuildScratch(graph, metric, HnswBuilder.LargestRound);
            Insert(graph, metric, order, scratches);
            if (InnerProductLinks.AreWanted(_options))
                InnerProductLinks.Add(
                    graph, order.AsMemory(_old.Nodes), _options.InnerProductLinks, scratches, _team, null, _cancellation);
            (int unreachable, int repaired) = Reachability.Repair(graph, metric, order, scratches[0].Search, _cancellation);
            return (graph, before with
            {
                Items = (int)_items.Rows,
                Duplicates = duplicates.Count,
                Unreachable = unreachable,
                Repaired = repaired,
                MeanLinks = HnswBuilder.MeanLinks(graph, order),
                NormVariation = norms.Variation,
                Seconds = Stopwatch.GetElapsedTime(began).TotalSeconds,
            });
        }
        catch
        {
            graph.Release();
            throw;
        }
        finally
        {
            foreach (BuildScratch? scratch in scratches)
                scratch?.Dispose();
        }
    }

    private IEnumerable<int> NewNodes(DuplicateChains duplicates, int oldItems)
    {
        bool[] isNode = duplicates.Nodes((int)_items.Rows);
        return Enumerable.Range(oldItems, isNode.Length - oldItems).Where(item => isNode[item]);
    }

    private static int[] LongestFirst(int[] items, ReadOnlySpan<float> squares, int starts)
    {
        ulong[] keys = new ulong[items.Length];
        for (int i = 0; i < keys.Length; i++)
            keys[i] = ScoredItem.Key(squares[items[i]], items[i]);
        ScoredItem.SelectLargest(keys, starts);
        Array.Sort(keys, 0, starts);
        Array.Reverse(keys, 0, starts);
        bool[] isLong = new bool[squares.Length];
        List<int> result = new(items.Length);
        foreach (ulong key in keys.AsSpan(0, starts))
        {
            isLong[ScoredItem.Item(key)] = true;
            result.Add(ScoredItem.Item(key));
        }

        result.AddRange(items.Where(item => !isLong[item]));
        return [.. result];
    }

    private byte[] Levels(int[] order, int[] itemOf)
    {
        byte[] levels = new byte[order.Length];
        for (int i = 0; i < order.Length; i++)
        {
            levels[order[i]] = i < _old.Nodes
                ? _old.Levels[i]
                : Math.Min(HnswBuilder.DrawLevel(_options, itemOf[order[i]]), (byte)_old.TopLayer);
        }

        return levels;
    }

    private void CopyLinks(HnswGraph graph, ReadOnlySpan<int> numbers)
    {
        int[] links = new int[_old.Ground.Capacity];
        for (int node = 0; node < numbers.Length; node++)
        {
            for (int layer = 0; layer <= _old.Levels[node]; layer++)
            {
                ReadOnlySpan<int> before = _old.Links(layer, node);
                for (int i = 0; i < before.Length; i++)
                    links[i] = numbers[before[i]];
                graph.Table(layer).Set(graph.RowOf(layer, numbers[node]), links.AsSpan(0, before.Length));
            }
        }
    }

    // The order of a build: by falling level, and by chance within one.
    private void SortByLevel(Span<int> nodes, HnswGraph graph, int oldItems)
    {
        new RandomDraws(_options.Seed, RandomPurpose.Index, 5, oldItems).Shuffle(nodes);
        int[] sorted = [.. nodes.ToArray().OrderByDescending(node => graph.Levels[node])];
        sorted.CopyTo(nodes);
    }

    private void Insert(HnswGraph graph, GraphMetric metric, int[] order, BuildScratch[] scratches)
    {
        InsertionRound round = new(graph, metric, Math.Max(_options.EfConstruction, _options.M), order, scratches);
        ReverseLinks reverse = new(graph, metric, order, scratches);
        for (int done = _old.Nodes; done < order.Length;)
        {
            _cancellation.ThrowIfCancellationRequested();
            int size = Math.Min(HnswBuilder.RoundAfter(done), order.Length - done);
            round.Begin(done, seesRound: done < HnswBuilder.GraphThatHidesRound);
            _team.Run(round, size);
            _team.Run(reverse, reverse.Begin(done, size));
            done += size;
        }
    }
}
