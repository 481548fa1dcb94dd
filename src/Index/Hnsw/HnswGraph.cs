using System.Runtime.CompilerServices;
using KernelPolicy.Kernels;

namespace KernelPolicy.Index;

/// <summary>
/// The links of a hierarchical navigable small world (Malkov and Yashunin 2018): layer 0 holds every node, each layer
/// above about 1/M of the one below. A node is an item that is not a duplicate of a smaller one; nodes are numbered for
/// the memory's sake (<see cref="NodeOrder"/>), and <see cref="Vectors"/> knows their items.
/// </summary>
/// <remarks>
/// Written by the builder or the file reader, frozen afterwards: then any number of threads may read. Indexes that share
/// a graph count as its owners; the last to let go frees it.
/// </remarks>
internal sealed unsafe class HnswGraph
{
    /// <summary>What a level may be at most; chance gives less but once in 2^40 nodes.</summary>
    public const int HighestLayer = 40;

    // A node's first row of the layers above is counted from the nearest multiple of this below it: no search looks there often
    // enough to repay a number a node, which would have to be made when a file is opened.
    private const int NodesACount = 16;

    private readonly NumberColumn<byte> _levels;
    private readonly int[] _upperRows;
    private int[]? _codesOf;
    private int _owners = 1;

    /// <summary>Makes room for the links of nodes whose highest layers are <paramref name="levels"/> [N].</summary>
    public HnswGraph(int m, NodeVectors vectors, byte[] levels)
        : this(
            m, vectors, new NumberColumn<byte>(levels), new LinkTable(levels.Length, 2 * m), new LinkTable(UpperRows(levels), m))
    {
    }

    /// <summary>Takes over levels and links that a file held.</summary>
    public HnswGraph(int m, NodeVectors vectors, NumberColumn<byte> levels, LinkTable ground, LinkTable upper)
    {
        M = m;
        Vectors = vectors;
        _levels = levels;
        _upperRows = new int[(levels.Length + NodesACount - 1) / NodesACount];
        ReadOnlySpan<byte> all = levels.Span;
        for (int count = 0, rows = 0; count < _upperRows.Length; count++)
        {
            _upperRows[count] = rows;
            int first = count * NodesACount;
            rows = checked(rows + (int)UpperRows(all.Slice(first, Math.Min(NodesACount, all.Length - first))));
        }

        Ground = ground;
        Upper = upper;
    }

    public int M { get; }

    /// <summary>Number of nodes N.</summary>
    public int Nodes => _levels.Length;

    /// <summary>What the nodes are scored by.</summary>
    public NodeVectors Vectors { get; }

    /// <summary>Highest layer of each node [N].</summary>
    public ReadOnlySpan<byte> Levels => _levels.Span;

    /// <summary>The node of the highest layer from which every search starts.</summary>
    public int Entry { get; set; }

    /// <summary>How many nodes, the first by number, are the longest items: the search of layer 0 starts from some of them
    /// beside the one it came down to.</summary>
    public int Starts { get; set; }

    /// <summary>The highest layer.</summary>
    public int TopLayer => Levels[Entry];

    /// <summary>Links of layer 0 [N, 2M].</summary>
    public LinkTable Ground { get; }

    /// <summary>Links of the layers above: those of a node lie together, lowest layer first.</summary>
    public LinkTable Upper { get; }

    /// <summary>Items with equal vectors.</summary>
    public DuplicateChains Duplicates { get; set; } = DuplicateChains.None;

    public long Bytes =>
        Ground.ByteLength + Upper.ByteLength + _levels.Bytes + (4L * _upperRows.Length) + Duplicates.Bytes + Vectors.Bytes
        + (4L * (_codesOf?.Length ?? 0));

    /// <summary>Rows that the layers above layer 0 take.</summary>
    public static long UpperRows(ReadOnlySpan<byte> levels)
    {
        long rows = 0;
        foreach (byte level in levels)
            rows += level;
        return rows;
    }

    /// <summary>Writes the vector that an item's codes stand for into <paramref name="values"/> [L].</summary>
    public void Decode(int item, Span<float> values) =>
        Vectors.Codes!.Decode((Volatile.Read(ref _codesOf) ?? MakeCodesOf())[item], values);

    public LinkTable Table(int layer) => layer == 0 ? Ground : Upper;

    /// <summary>Row of <see cref="Table"/> that holds the links of a node on a layer that it reaches.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long RowOf(int layer, int node) => layer == 0 ? node : FirstUpperRow(node) + layer - 1;

    public Span<int> Links(int layer, int node) => Table(layer).Used(RowOf(layer, node));

    /// <summary>Counts one more owner.</summary>
    public void Share() => Interlocked.Increment(ref _owners);

    /// <summary>Counts one owner less; the last frees the memory.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _owners) != 0)
            return;
        Ground.Dispose();
        Upper.Dispose();
        Vectors.Dispose();
        Duplicates.Dispose();
        _levels.Dispose();
    }

    // Row of codes of each item [P], for whoever has no β. Two threads may both make it; they make the same.
    private int[] MakeCodesOf()
    {
        int[] rows = Vectors.MakeNodeOf();
        ReadOnlySpan<int> next = Duplicates.NextItems;

        // Chains rise: whoever hangs on an item comes after it.
        for (int item = 0; item < next.Length; item++)
        {
            if (next[item] >= 0)
                rows[next[item]] = rows[item];
        }

        Volatile.Write(ref _codesOf, rows);
        return rows;
    }

    private long FirstUpperRow(int node)
    {
        int count = node / NodesACount;
        return _upperRows[count] + UpperRows(Levels[(count * NodesACount)..node]);
    }
}
