using KernelPolicy.Kernels;

namespace KernelPolicy.Index;

/// <summary>
/// Scores items of a graph by β; where β is not there, by the vectors that their codes stand for.
/// </summary>
/// <remarks>Codes are read as the floats s_a·(u_a − 128), and the query is taken as it is: no more is lost than what the codes of the
/// items have lost, and equal codes have equal scores. One owner at a time; allocates at the first use without β alone.</remarks>
internal sealed unsafe class ItemScorer(HnswGraph graph) : IItemScores, IDisposable
{
    private const int AtOnce = 64;

    private Matrix? _decoded;
    private int[]? _places;

    /// <inheritdoc/>
    public void Gather(float* query, ReadOnlySpan<int> items, Span<float> scores)
    {
        if (graph.Vectors.Items.HasValues)
        {
            RowScores.Gather(query, graph.Vectors.Items, items, scores);
            return;
        }

        _decoded ??= new Matrix(AtOnce, graph.Vectors.Items.Columns);
        _places ??= [.. Enumerable.Range(0, AtOnce)];
        for (int first = 0; first < items.Length; first += AtOnce)
        {
            int n = Math.Min(AtOnce, items.Length - first);
            for (int i = 0; i < n; i++)
                graph.Decode(items[first + i], _decoded.Row(i));
            RowScores.Gather(query, _decoded, _places.AsSpan(0, n), scores.Slice(first, n));
        }
    }

    public void Dispose() => _decoded?.Dispose();
}
