using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Tests.Reference;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Items;

/// <summary>A head that a stale graph found, scored live, leaves strata unbiased.</summary>
public sealed unsafe class StaleHeadTests
{
    private const int Items = 800;
    private const int Dimension = 6;
    private const int K = 10;
    private const int Draws = 40;
    private const int Repeats = 4000;

    [Test]
    public void The_partition_function_is_estimated_without_bias()
    {
        using WorkerTeam team = new(2);
        using Matrix items = Seeded.Matrix(1, Items, Dimension, 0.7), query = Seeded.Matrix(2, 1, Dimension, 0.7);
        using RebuildingIndex index = new(items, new HnswOptions { M = 8, Metric = HnswMetric.NormAugmented }, team);
        using (Matrix moved = Seeded.Matrix(3, Items, Dimension, 0.7))
            items.CopyFrom(moved);
        TopK found = new(1, K);
        index.Search(query, 1, K, found, team);
        double[] scores = Linear.Scores(Linear.Row(Seeded.Wide(query), 0), Seeded.Wide(items));
        Assert.That(found.Items(0).ToArray(), Is.Not.EquivalentTo(TopItems(scores)), "the graph is not stale");

        using CatalogueMoments moments = CatalogueMoments.Compute(items, team);
        using StrataGradient kernel = new(items, moments, K, Draws);
        StrataHead head = new(K);
        float* h = query.RowPointer(0);
        head.Set(h, items, found.Items(0), found.Scores(0), []);
        double exact = Softmax.LogSumExp(scores);
        double[] ratios = new double[Repeats];
        int[] drawn = new int[Draws];
        using Matrix g = new(1, Dimension);
        for (int repeat = 0; repeat < Repeats; repeat++)
        {
            UniformProposal.Draw(new RandomDraws(9, RandomPurpose.Proposal, repeat, 0), Items, drawn);
            int[] tail = [.. drawn.Where(item => !head.Contains(item))];
            float[] tailScores = new float[tail.Length];
            RowScores.Gather(h, items, tail, tailScores);
            StrataReport report = kernel.Estimate(
                h, null, head, new float[K], new StrataTail(items, tail, tail, tailScores, isWhole: false), [], 0, g.Pointer);
            ratios[repeat] = Math.Exp(report.LogPartition - exact);
        }

        // The mean of 4,000 is normal to all purposes; 4.5 standard errors leave a chance of 7e-6. Rounding is far below.
        double mean = ratios.Average();
        double error = Math.Sqrt(ratios.Sum(ratio => (ratio - mean) * (ratio - mean)) / (Repeats - 1.0) / Repeats);
        Assert.That(mean, Is.EqualTo(1).Within((4.5 * error) + 1e-5));
    }

    private static int[] TopItems(double[] scores) =>
        [.. Enumerable.Range(0, scores.Length).OrderByDescending(item => scores[item]).Take(K)];
}
