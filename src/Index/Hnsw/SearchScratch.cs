namespace KernelPolicy.Index;

/// <summary>The memory of one search at a time: made once, lent out again and again.</summary>
internal sealed class SearchScratch : IDisposable
{
    private readonly uint[] _visited;
    private ulong[] _sweep = [];

    public SearchScratch(HnswGraph graph)
    {
        int largestBlock = GraphWalk.LargestBlock(graph.Ground.Capacity);
        _visited = new uint[(graph.Nodes / 32) + 1];
        Query = new NodeQuery(graph.Vectors.Items.Columns);
        ItemScorer = new ItemScorer(graph);
        Block = new int[largestBlock];
        NextBlock = new int[largestBlock];
        Scores = new float[largestBlock];
        Packed = new ulong[largestBlock];
    }

    /// <summary>What is looked for.</summary>
    public NodeQuery Query { get; }

    /// <summary>For exact scores.</summary>
    public ItemScorer ItemScorer { get; }

    public CandidateList Candidates { get; } = new();

    /// <summary>The best of those that a filter allows.</summary>
    public CandidateList Allowed { get; } = new();

    /// <summary>For filters that allow too little for a walk.</summary>
    public AllowedScan AllowedScan => field ??= new AllowedScan();

    /// <summary>Nodes about to be scored.</summary>
    public int[] Block { get; private set; }

    /// <summary>Nodes to be scored after those; as long.</summary>
    public int[] NextBlock { get; private set; }

    /// <summary>Nodes scored by all walks so far.</summary>
    public long Scored { get; set; }

    /// <summary>Nodes and items scored beside the walks: on the way down to where they start, in sweeps over the longest items
    /// and in scans of what a filter allows.</summary>
    public long ScoredBeside { get; set; }

    /// <summary>Makes the next nodes those about to be scored.</summary>
    public void SwapBlocks() => (Block, NextBlock) = (NextBlock, Block);

    /// <summary>Their scores.</summary>
    public float[] Scores { get; }

    /// <summary>Those that enter the list.</summary>
    public ulong[] Packed { get; }

    /// <summary>The answer: items with exact scores, and room to spread it over duplicates.</summary>
    public ulong[] Answer { get; private set; } = [];

    /// <summary>A bit for each node, all zero: a million nodes fit the second cache beside what they are scored by, and are
    /// cleared in two microseconds.</summary>
    public uint[] BeginVisits()
    {
        Array.Clear(_visited);
        return _visited;
    }

    /// <summary>Room for the scores of the longest items.</summary>
    public Span<ulong> Sweep(int longest)
    {
        if (_sweep.Length < longest)
            _sweep = new ulong[longest];
        return _sweep.AsSpan(0, longest);
    }

    public void EnsureAnswer(int length)
    {
        if (Answer.Length >= length)
            return;
        ulong[] larger = new ulong[Math.Max(length, 2 * Answer.Length)];
        Answer.CopyTo(larger, 0);
        Answer = larger;
    }

    public void Dispose()
    {
        Query.Dispose();
        ItemScorer.Dispose();
    }
}
