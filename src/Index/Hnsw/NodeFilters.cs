namespace KernelPolicy.Index;

/// <summary>Which nodes a walk collects beside those that it follows.</summary>
/// <remarks>A walk is generic over it: without a filter the JIT leaves nothing of it.</remarks>
internal interface INodeFilter
{
    /// <summary>Whether the walk collects at all; the same for every value of a type.</summary>
    static abstract bool Collects { get; }

    bool Allows(int node);
}

/// <summary>The walk's own candidates are the answer.</summary>
internal readonly struct NoFilter : INodeFilter
{
    public static bool Collects => false;

    public bool Allows(int node) => true;
}

/// <summary>Nodes that stand for an allowed item: their own, or one that shares its vector.</summary>
internal readonly struct AllowedNodes(HnswGraph graph, AllowedItems allowed) : INodeFilter
{
    private readonly NodeVectors _vectors = graph.Vectors;
    private readonly DuplicateChains _duplicates = graph.Duplicates;

    public static bool Collects => true;

    public bool Allows(int node)
    {
        int item = _vectors.ItemOf[node];
        if (allowed.Allows(item))
            return true;
        for (item = _duplicates.Next(item); item >= 0; item = _duplicates.Next(item))
        {
            if (allowed.Allows(item))
                return true;
        }

        return false;
    }
}
