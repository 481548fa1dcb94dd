using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Index;

/// <summary>What a graph's links are chosen by, each metric against its formula in double precision.</summary>
/// <remarks>Inner product, squared norms and the square of the gap are at most N, the largest squared norm, and of no more than 16
/// roundings each: four such terms are off by 4 γ_16 N, and a cosine by as much with N = 1.</remarks>
public sealed class GraphMetricTests
{
    private const int Items = 40;
    private const int L = 5;

    [Test]
    public void Scores_are_those_of_the_formula(
        [Values(HnswMetric.InnerProduct, HnswMetric.NormAugmented, HnswMetric.Euclidean, HnswMetric.Angular)] HnswMetric kind)
    {
        using Matrix items = Seeded.Matrix(5, Items, L);
        using WorkerTeam team = new(1);
        ItemNorms norms = ItemNorms.Of(items, team);
        int[] all = [.. Enumerable.Range(0, Items)];
        using NodeVectors vectors = new(items, new NumberColumn<int>(all), null);
        using NodeQuery query = new(L);
        GraphMetric metric = new(kind, vectors, norms);
        float[] scores = new float[Items];
        double allowed = 4 * Close.Gamma(16) * (kind == HnswMetric.Angular ? 1 : norms.LargestSquare);
        for (int node = 0; node < Items; node++)
        {
            vectors.Set(query, node);
            metric.Score(query, node, all, scores);
            double[] expected = [.. all.Select(other => Expected(kind, items, norms, node, other))];
            Assert.That(scores, Is.EqualTo(expected).Within(allowed), $"node {node}");
        }
    }

    // x·y; −½|x̃ − ỹ|² with √(N − |x|²) added to each; −½|x − y|²; cos(x, y).
    private static double Expected(HnswMetric kind, Matrix items, ItemNorms norms, int node, int other)
    {
        double product = 0, ownSquare = norms.Squares[node], otherSquare = norms.Squares[other];
        for (int l = 0; l < L; l++)
            product += (double)items.Row(node)[l] * items.Row(other)[l];
        double gap = Math.Sqrt(norms.LargestSquare - ownSquare) - Math.Sqrt(norms.LargestSquare - otherSquare);
        return kind switch
        {
            HnswMetric.InnerProduct => product,
            HnswMetric.NormAugmented => product - ((ownSquare + otherSquare + (gap * gap)) / 2),
            HnswMetric.Euclidean => product - ((ownSquare + otherSquare) / 2),
            _ => product / Math.Sqrt(ownSquare * otherSquare),
        };
    }
}
