using System.Diagnostics;
using KernelPolicy.Kernels;

namespace KernelPolicy.Index;

/// <summary>
/// Builds the graph in rounds: the nodes of a round search the graph as it stood before, in parallel; then their links
/// are applied in a fixed order. The same seed gives the same graph, bit for bit, at any number of threads.
/// </summary>
/// <remarks>
/// Rounds grow with the graph, so that a node misses few of its neighbours for being inserted beside them; nodes go in by
/// falling level and, within a level, in random order, so that the entry is known from the start and catalogues sorted
/// by time or popularity do no harm.
/// </remarks>
internal sealed class HnswBuilder
{
    internal const int LargestRound = 512;
    private const int GraphOverRound = 16;

    // From here on fewer than 1 in 256 of a node's neighbours stand beside it in the round: not worth looking.
    internal const int GraphThatHidesRound = 256 * LargestRound;

    // On Gowalla's factors, 1 in 40 of the items as starts brings the recall of the top 256 from 0.97 to 0.999.
    internal const int NodesOverStarts = 32;
    internal const int LeastStarts = 64;

    private readonly Matrix _items;
    private readonly HnswOptions _options;
    private readonly WorkerTeam _team;
    private readonly IProgress<HnswProgress>? _progress;
    private readonly CancellationToken _cancellation;
    private readonly bool _hasShortcuts;
    private int _work;

    private HnswBuilder(
        Matrix items, HnswOptions options, WorkerTeam team, IProgress<HnswProgress>? progress, CancellationToken cancellation)
    {
        _items = items;
        _options = options;
        _team = team;
        _progress = progress;
        _cancellation = cancellation;
        _hasShortcuts = InnerProductLinks.AreWanted(options);
    }

    /// <summary>Builds, repairs and reports.</summary>
    public static (HnswGraph Graph, HnswReport Report) Build(
        Matrix items, HnswOptions options, WorkerTeam team, IProgress<HnswProgress>? progress, CancellationToken cancellation)
        => new HnswBuilder(items, options, team, progress, cancellation).Run();

    private (HnswGraph Graph, HnswReport Report) Run()
    {
        long began = Stopwatch.GetTimestamp();
        ItemNorms norms = ItemNorms.Of(_items, _team);
        _cancellation.ThrowIfCancellationRequested();
        DuplicateChains duplicates = DuplicateChains.Find(_items);
        bool[] isNode = duplicates.Nodes((int)_items.Rows);
        int count = isNode.Length - duplicates.Count;
        _work = _hasShortcuts ? 2 * count : count;
        int starts = Math.Min(_options.LongestAsStarts, Math.Max(count / NodesOverStarts, LeastStarts));
        int[] itemOf = NodeOrder.Make(_items, isNode, norms.Squares, starts, _options.Seed, _team);
        _cancellation.ThrowIfCancellationRequested();
        ItemCodes? codes = _options.Traversal == HnswTraversal.Codes ? ItemCodes.Encode(_items, itemOf, _team) : null;
        NodeVectors vectors = new(_items, new NumberColumn<int>(itemOf), codes);
        GraphMetric metric = new(_options.Metric, vectors, norms);
        byte[] levels = DrawLevels(itemOf);
        int[] order = Order(levels);
        HnswGraph graph = new(_options.M, vectors, levels)
        {
            Entry = order[0],
            Duplicates = duplicates,
            Starts = Math.Min(starts, count),
        };
        BuildScratch[] scratches = new BuildScratch[_team.Threads];
        try
        {
            for (int worker = 0; worker < scratches.Length; worker++)
                scratches[worker] = new BuildScratch(graph, metric, LargestRound);
            Insert(graph, metric, order, scratches);
            if (_hasShortcuts)
                InnerProductLinks.Add(
                    graph, order, _options.InnerProductLinks, scratches, _team, done => Report(count + done), _cancellation);
            (int unreachable, int repaired) = Reachability.Repair(graph, metric, order, scratches[0].Search, _cancellation);
            HnswReport report = new(
                isNode.Length, duplicates.Count, unreachable, repaired, graph.TopLayer + 1, MeanLinks(graph, order),
                norms.Variation, Stopwatch.GetElapsedTime(began).TotalSeconds);
            return (graph, report);
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

    private void Insert(HnswGraph graph, GraphMetric metric, int[] order, BuildScratch[] scratches)
    {
        InsertionRound round = new(graph, metric, Math.Max(_options.EfConstruction, _options.M), order, scratches);
        ReverseLinks reverse = new(graph, metric, order, scratches);
        int done = 1;
        Report(done);
        while (done < order.Length)
        {
            _cancellation.ThrowIfCancellationRequested();
            int size = Math.Min(RoundAfter(done), order.Length - done);
            round.Begin(done, seesRound: done < GraphThatHidesRound);
            _team.Run(round, size);
            _team.Run(reverse, reverse.Begin(done, size));
            done += size;
            Report(done);
        }
    }

    private void Report(int done) => _progress?.Report(new HnswProgress(done, _work));

    private byte[] DrawLevels(int[] itemOf)
    {
        byte[] levels = new byte[itemOf.Length];
        for (int node = 0; node < levels.Length; node++)
            levels[node] = DrawLevel(_options, itemOf[node]);
        return levels;
    }

    private int[] Order(byte[] levels)
    {
        int[] order = [.. Enumerable.Range(0, levels.Length)];
        new RandomDraws(_options.Seed, RandomPurpose.Index, 1, 0).Shuffle(order);
        return [.. order.OrderByDescending(node => levels[node])];
    }

    /// <summary>The level of an item, drawn from the seed.</summary>
    internal static byte DrawLevel(HnswOptions options, int item)
    {
        double uniform = 1 - new RandomDraws(options.Seed, RandomPurpose.Index, 0, item).Uniform(0);
        return (byte)Math.Min(-Math.Log(uniform) * (1 / Math.Log(options.M)), HnswGraph.HighestLayer);
    }

    /// <summary>Nodes to insert at once into a graph of so many.</summary>
    internal static int RoundAfter(int done) => Math.Clamp(done / GraphOverRound, 1, LargestRound);

    internal static double MeanLinks(HnswGraph graph, int[] order)
    {
        long links = 0;
        foreach (int node in order)
            links += graph.Links(0, node).Length;
        return (double)links / order.Length;
    }
}
