namespace KernelPolicy.Index;

/// <summary>The memory of one worker of a build.</summary>
internal sealed class BuildScratch : IDisposable
{
    public BuildScratch(HnswGraph graph, GraphMetric metric, int largestRound)
    {
        int capacity = graph.Ground.Capacity;
        Search = new SearchScratch(graph);
        Selection = new NeighbourSelection(metric, capacity);
        Nodes = new int[capacity + largestRound];
        Scores = new float[Nodes.Length];
        Packed = new ulong[Nodes.Length];
    }

    public SearchScratch Search { get; }

    public NeighbourSelection Selection { get; }

    /// <summary>The links of one node, old and new.</summary>
    public int[] Nodes { get; }

    public float[] Scores { get; }

    public ulong[] Packed { get; }

    public void Dispose()
    {
        Search.Dispose();
        Selection.Dispose();
    }
}
