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

    private readonly int[] _itemOf;
    private readonly int[] _nodeOf;

    public NodeVectors(Matrix items, int[] itemOf, ItemCodes? codes)
    {
        Items = items;
        Codes = codes;
        _nodeOf = new int[items.Rows];
        Array.Fill(_nodeOf, LinkTable.None);
        for (int node = 0; node < itemOf.Length; node++)
            _nodeOf[itemOf[node]] = node;
        _itemOf = itemOf;
    }

    /// <summary>β [P, L].</summary>
    public Matrix Items { get; }

    /// <summary>Codes [N, L], or null where the items themselves are used.</summary>
    public ItemCodes? Codes { get; }

    /// <summary>Item of each node [N].</summary>
    public ReadOnlySpan<int> ItemOf => _itemOf;

    /// <summary>Node of each item [P]; −1 for those whose vector is a smaller item's.</summary>
    public ReadOnlySpan<int> NodeOf => _nodeOf;

    public long Bytes => (4L * _itemOf.Length) + (4L * _nodeOf.Length) + (Codes?.Bytes ?? 0);

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
        for (int first = 0; first < nodes.Length; first += MappedAtOnce)
        {
            int n = Math.Min(MappedAtOnce, nodes.Length - first);
            for (int i = 0; i < n; i++)
                items[i] = _itemOf[nodes[first + i]];
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
            query.SetValues(Items.Row(_itemOf[node]));
    }

    public void Dispose() => Codes?.Dispose();
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
