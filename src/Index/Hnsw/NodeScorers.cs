using System.Runtime.CompilerServices;

namespace KernelPolicy.Index;

/// <summary>Scores nodes against whatever a walk is looking for; larger is better.</summary>
/// <remarks>A walk is generic over it, and the JIT compiles it in.</remarks>
internal interface INodeScorer
{
    void Score(ReadOnlySpan<int> nodes, Span<float> scores);

    /// <summary>Asks for what a node is scored by, ahead of its use.</summary>
    void Prefetch(int node);
}

/// <summary>By inner product with a query.</summary>
internal readonly struct QueryScorer(NodeVectors vectors, NodeQuery query) : INodeScorer
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Score(ReadOnlySpan<int> nodes, Span<float> scores) => vectors.Score(query, nodes, scores);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(int node) => vectors.Prefetch(node);
}

/// <summary>By nearness to a node, whose query is given.</summary>
internal readonly struct MetricScorer(GraphMetric metric, NodeQuery query, int item) : INodeScorer
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Score(ReadOnlySpan<int> nodes, Span<float> scores) => metric.Score(query, item, nodes, scores);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(int node) => metric.Prefetch(node);
}
