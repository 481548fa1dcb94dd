using System.Runtime.CompilerServices;
using KernelPolicy.Kernels;

namespace KernelPolicy.Index;

/// <summary>
/// What the nodes of a graph are scored by: 8-bit codes in the order of the nodes, or the items themselves.
/// </summary>
/// <remarks>Frozen; any number of threads may read.</remarks>
internal sealed unsafe class NodeVectors : IDisposable
{
    private const int MappedAtOnce = 64;

    private readonly NumberColumn<int> _itemOf;
    private int[]? _nodeOf;

    /// <summary>Takes over codes and the nodes' items, but not the items themselves.</summary>
    public NodeVectors(Matrix items, NumberColumn<int> itemOf, ItemCodes? codes) => (Items, _itemOf, Codes) = (items, itemOf, codes);

    /// <summary>β [P, L].</summary>
    public Matrix Items { get; }

    /// <summary>Codes [N, L], or null where the items themselves are used.</summary>
    public ItemCodes? Codes { get; }

    /// <summary>Item of each node [N].</summary>
    public ReadOnlySpan<int> ItemOf => _itemOf.Span;

    /// <summary>Node of each item [P]; −1 for those whose vector is a smaller item's. Made when it is first asked for: whoever
    /// only searches without a warm start needs none.</summary>
    public ReadOnlySpan<int> NodeOf => Volatile.Read(ref _nodeOf) ?? KeepNodeOf();

    public long Bytes => _itemOf.Bytes + (4L * (_nodeOf?.Length ?? 0)) + (Codes?.Bytes ?? 0);

    /// <summary>Starts the load of what a node is scored by.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(int node) => Codes?.Prefetch(node);

    /// <summary>Inner products of a query with nodes.</summary>
    public void Score(NodeQuery query, ReadOnlySpan<int> nodes, Span<float> scores)
    {
        if (Codes is { } codes)
            CodeScores.Gather(query.Coded, codes, nodes, scores);
        else
            ScoreItems(query, nodes, scores);
    }

    /// <summary>Exact inner products of a query with the items of nodes.</summary>
    public void ScoreItems(NodeQuery query, ReadOnlySpan<int> nodes, Span<float> scores)
    {
        Span<int> items = stackalloc int[MappedAtOnce];
        ReadOnlySpan<int> itemOf = ItemOf;
        for (int first = 0; first < nodes.Length; first += MappedAtOnce)
        {
            int n = Math.Min(MappedAtOnce, nodes.Length - first);
            for (int i = 0; i < n; i++)
                items[i] = itemOf[nodes[first + i]];
            RowScores.Gather(query.Values, Items, items[..n], scores.Slice(first, n));
        }
    }

    /// <summary>Makes a query out of a vector [L].</summary>
    public void Set(NodeQuery query, ReadOnlySpan<float> values)
    {
        query.SetValues(values);
        if (Codes is not null)
            query.Coded.Set(values);
    }

    /// <summary>Makes a query out of a node, for the scores of <see cref="Score"/>.</summary>
    public void Set(NodeQuery query, int node)
    {
        if (Codes is { } codes)
            query.Coded.Set(codes, node);
        else
            query.SetValues(Items.Row(ItemOf[node]));
    }

    public void Dispose()
    {
        Codes?.Dispose();
        _itemOf.Dispose();
    }

    /// <summary>Makes a table of the node of each item [P], −1 for those whose vector is a smaller item's.</summary>
    public int[] MakeNodeOf()
    {
        int[] nodeOf = new int[Items.Rows];
        Array.Fill(nodeOf, LinkTable.None);
        ReadOnlySpan<int> itemOf = ItemOf;
        for (int node = 0; node < itemOf.Length; node++)
            nodeOf[itemOf[node]] = node;
        return nodeOf;
    }

    // Two threads may both make it; they make the same.
    private int[] KeepNodeOf()
    {
        int[] nodeOf = MakeNodeOf();
        Volatile.Write(ref _nodeOf, nodeOf);
        return nodeOf;
    }
}

/// <summary>A query as the nodes are scored by it. One owner at a time.</summary>
internal sealed unsafe class NodeQuery(int columns) : IDisposable
{
    private readonly Matrix _values = new(1, columns);

    /// <summary>The query in codes.</summary>
    public CodedQuery Coded { get; } = new(columns);

    /// <summary>The query itself, aligned and padded as kernels want it.</summary>
    public float* Values => _values.Pointer;

    public void SetValues(ReadOnlySpan<float> values) => values.CopyTo(_values.Row(0));

    public void Dispose()
    {
        _values.Dispose();
        Coded.Dispose();
    }
}
