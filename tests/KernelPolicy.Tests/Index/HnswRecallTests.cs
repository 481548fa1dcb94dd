using KernelPolicy.Index;
using KernelPolicy.Kernels;
using NUnit.Framework;

namespace KernelPolicy.Tests.Index;

/// <summary>Recall against the exact scan. The bounds lie a little below what was measured; a graph with a fault in its
/// links falls far below them.</summary>
public sealed class HnswRecallTests
{
    private const int Queries = 64;

    [Test]
    public void Finds_the_top_items(
        [Values(Catalogues.Shape.Uniform, Catalogues.Shape.Clustered, Catalogues.Shape.HeavyTailed)] int shape,
        [Values(HnswMetric.NormAugmented, HnswMetric.Euclidean, HnswMetric.InnerProduct)] HnswMetric metric)
    {
        using Matrix items = Catalogues.Make((Catalogues.Shape)shape, 3000, 24);
        using Matrix queries = Catalogues.MeansOf(items, Queries);
        using WorkerTeam team = new(2);
        using HnswIndex index = HnswIndex.Build(items, new HnswOptions { M = 16, Metric = metric, LongestAsStarts = 64 }, team);
        RecallResult ten = Recall(index, queries, 10, team);
        RecallResult many = Recall(index, queries, 256, team);
        TestContext.Out.WriteLine($"{index.Report}\n{ten}\n{many}");
        Assert.Multiple(() =>
        {
            Assert.That(ten.Recall, Is.GreaterThan(0.95), "K = 10");
            Assert.That(many.Recall, Is.GreaterThan(0.95), "K = 256");
            Assert.That(many.MassRecall, Is.GreaterThan(0.95), "K = 256 by softmax mass");
        });
    }

    [Test]
    public void Walks_the_graph_where_no_long_item_helps()
    {
        using Matrix items = Catalogues.Make(Catalogues.Shape.Clustered, 3000, 24);
        using Matrix queries = new(Queries, 24);
        for (int query = 0; query < Queries; query++)
            items.Row(query * 45).CopyTo(queries.Row(query));
        using WorkerTeam team = new(2);
        using HnswIndex index = HnswIndex.Build(items, new HnswOptions { M = 16, LongestAsStarts = 0, EfSearch = 128 }, team);
        RecallResult recall = Recall(index, queries, 10, team);
        TestContext.Out.WriteLine(recall);
        Assert.That(recall.Recall, Is.GreaterThan(0.95));
    }

    [Test]
    public void A_wider_search_finds_more_until_it_finds_all()
    {
        using Matrix items = Catalogues.Make(Catalogues.Shape.HeavyTailed, 3000, 16);
        using Matrix queries = Catalogues.MeansOf(items, Queries);
        using WorkerTeam team = new(2);
        using HnswIndex index = HnswIndex.Build(items, new HnswOptions { M = 8, EfSearch = 16, LongestAsStarts = 8 }, team);
        using HnswIndex wide = index.WithEfSearch(128);
        using HnswIndex all = index.WithEfSearch(3000);
        double narrowRecall = Recall(index, queries, 10, team).Recall;
        double wideRecall = Recall(wide, queries, 10, team).Recall;
        Assert.Multiple(() =>
        {
            Assert.That(wideRecall, Is.GreaterThan(narrowRecall));
            Assert.That(Recall(all, queries, 10, team).Recall, Is.EqualTo(1), "ef = P visits every node");
            Assert.That(Recall(all, queries, 3000, team).Recall, Is.EqualTo(1), "K = P returns every item");
        });
    }

    [Test]
    public void Finds_each_item_by_its_own_augmented_neighbourhood()
    {
        // On the unit sphere the item itself is its best answer.
        using Matrix items = Catalogues.Make(Catalogues.Shape.Uniform, 2000, 20);
        for (int item = 0; item < 2000; item++)
        {
            Span<float> row = items.Row(item);
            float norm = 0;
            foreach (float value in row)
                norm += value * value;
            for (int i = 0; i < row.Length; i++)
                row[i] /= MathF.Sqrt(norm);
        }

        using WorkerTeam team = new(2);
        using HnswIndex index = HnswIndex.Build(items, new HnswOptions { LongestAsStarts = 0 }, team);
        int[] found = new int[1];
        float[] scores = new float[1];
        int itself = 0;
        for (int item = 0; item < 2000; item++)
        {
            index.Search(items.Row(item), found, scores);
            itself += found[0] == item ? 1 : 0;
        }

        Assert.That(itself, Is.GreaterThanOrEqualTo(1990));
    }

    private static RecallResult Recall(HnswIndex index, Matrix queries, int k, WorkerTeam team)
    {
        using ExactIndex exact = new(index.Items);
        return new RecallAudit((int)queries.Rows, k).Measure(index, exact, queries, (int)queries.Rows, k, team);
    }
}
