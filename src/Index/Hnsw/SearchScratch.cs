using KernelPolicy.Kernels;

namespace KernelPolicy.Index;

/// <summary>The memory of one search at a time: made once, lent out again and again.</summary>
internal sealed unsafe class SearchScratch : IDisposable
{
    private readonly byte[] _visited;
    private readonly Matrix _query;
    private byte _version;

    public SearchScratch(int nodes, int largestBlock, int columns)
    {
        _visited = new byte[nodes];
        _query = new Matrix(1, columns);
        Block = new int[largestBlock];
        Scores = new float[largestBlock];
        Packed = new ulong[largestBlock];
    }

    public CandidateList Candidates { get; } = new();

    /// <summary>Nodes about to be scored.</summary>
    public int[] Block { get; }

    /// <summary>Their scores.</summary>
    public float[] Scores { get; }

    /// <summary>Those that enter the list.</summary>
    public ulong[] Packed { get; }

    /// <summary>Room to spread an answer over duplicates.</summary>
    public ulong[] Spread { get; private set; } = [];

    /// <summary>
    /// Marks of visited nodes [nodes]: a node is visited where its mark equals the version, so that a new search need not
    /// clear them, but once in 255.
    /// </summary>
    public byte[] BeginVisits(out byte version)
    {
        if (++_version == 0)
        {
            Array.Clear(_visited);
            _version = 1;
        }

        version = _version;
        return _visited;
    }

    /// <summary>A copy of a query, aligned and padded as kernels want it.</summary>
    public float* Padded(ReadOnlySpan<float> query)
    {
        query.CopyTo(_query.Row(0));
        return _query.Pointer;
    }

    public void EnsureSpread(int length)
    {
        if (Spread.Length >= length)
            return;
        ulong[] larger = new ulong[Math.Max(length, 2 * Spread.Length)];
        Spread.CopyTo(larger, 0);
        Spread = larger;
    }

    public void Dispose() => _query.Dispose();
}
