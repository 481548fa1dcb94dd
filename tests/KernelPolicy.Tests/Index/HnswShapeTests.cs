using KernelPolicy.Index;
using KernelPolicy.Kernels;
using NUnit.Framework;

namespace KernelPolicy.Tests.Index;

/// <summary>Catalogues at the edges: few items, odd widths, equal vectors, zeros.</summary>
public sealed class HnswShapeTests
{
    private static readonly HnswMetric[] Metrics = Enum.GetValues<HnswMetric>();

    [Test]
    public void Small_catalogues_are_searched_exactly(
        [Values(1, 2, 3, 7, 20, 65, 130)] int count,
        [Values(1, 3, 16, 17, 33)] int columns,
        [ValueSource(nameof(Metrics))] HnswMetric metric)
    {
        using Matrix items = Catalogues.Make(Catalogues.Shape.HeavyTailed, count, columns);
        using Matrix queries = Catalogues.MeansOf(items, 5);
        using WorkerTeam team = new(1);
        using HnswIndex index = HnswIndex.Build(items, new HnswOptions { EfSearch = 200, Metric = metric }, team);
        foreach (int k in new[] { 1, Math.Min(5, count), count })
            AssertExact(index, queries, k, team);
    }

    [Test]
    public void Equal_vectors_are_all_returned_smallest_item_first([ValueSource(nameof(Metrics))] HnswMetric metric)
    {
        // Groups of equal items larger than a row of links, spread over the catalogue.
        using Matrix items = Catalogues.Make(Catalogues.Shape.Clustered, 1500, 12);
        for (int item = 0; item < 1500; item += 3)
            items.Row(item % 9 == 0 ? 0 : 3).CopyTo(items.Row(item));
        using Matrix queries = Catalogues.MeansOf(items, 20);
        items.Row(0).CopyTo(queries.Row(0));
        items.Row(3).CopyTo(queries.Row(1));
        using WorkerTeam team = new(2);
        using HnswIndex index = HnswIndex.Build(items, new HnswOptions { M = 8, EfSearch = 1500, Metric = metric }, team);
        Assert.That(index.Report.Duplicates, Is.EqualTo(498));
        foreach (int k in new[] { 1, 10, 300, 1500 })
            AssertExact(index, queries, k, team);
    }

    [Test]
    public void Groups_whose_scores_tie_are_merged_by_item_number()
    {
        // Items 0, 2 are (1, 0); items 1, 3 are (0, 1): the query (1, 1) gives all of them the score 1.
        using Matrix items = new(4, 2);
        for (int item = 0; item < 4; item++)
            items.Row(item)[item % 2] = 1;
        using WorkerTeam team = new(1);
        using HnswIndex index = HnswIndex.Build(items, null, team);
        int[] found = new int[3];
        float[] scores = new float[3];
        Assert.That(index.Search([1, 1], found, scores), Is.EqualTo(3));
        Assert.That(found, Is.EqualTo((int[])[0, 1, 2]));
        Assert.That(scores, Is.EqualTo((float[])[1, 1, 1]));
    }

    [Test]
    public void A_catalogue_of_zeros_is_one_node([Values(1, 2, 500)] int count, [ValueSource(nameof(Metrics))] HnswMetric metric)
    {
        using Matrix items = new(count, 5);
        using Matrix queries = new(3, 5);
        queries.Row(1).Fill(1);
        queries.Row(2).Fill(-1);
        using WorkerTeam team = new(2);
        using HnswIndex index = HnswIndex.Build(items, new HnswOptions { Metric = metric }, team);
        Assert.That(index.Report.Duplicates, Is.EqualTo(count - 1));
        AssertExact(index, queries, count, team);
    }

    [Test]
    public void Zero_vectors_among_others_do_no_harm([ValueSource(nameof(Metrics))] HnswMetric metric)
    {
        using Matrix items = Catalogues.Make(Catalogues.Shape.HeavyTailed, 400, 9);
        for (int item = 0; item < 400; item += 2)
            items.Row(item).Clear();
        using Matrix queries = Catalogues.MeansOf(items, 10);
        using WorkerTeam team = new(1);
        using HnswIndex index = HnswIndex.Build(items, new HnswOptions { EfSearch = 400, Metric = metric }, team);
        AssertExact(index, queries, 50, team);
    }

    [TestCase(float.NaN)]
    [TestCase(float.PositiveInfinity)]
    [TestCase(1e30f)]
    public void Numbers_that_are_not_finite_are_refused_with_their_item(float value)
    {
        using Matrix items = Catalogues.Make(Catalogues.Shape.Uniform, 40, 6);
        items.Row(17)[3] = value;
        using WorkerTeam team = new(1);
        ArgumentException? error = Assert.Throws<ArgumentException>(() => HnswIndex.Build(items, null, team));
        Assert.That(error!.Message, Does.Contain("Item 17"));
    }

    private static void AssertExact(HnswIndex index, Matrix queries, int k, WorkerTeam team)
    {
        int count = (int)queries.Rows;
        using ExactIndex exact = new(index.Items);
        TopK expected = new(count, k);
        TopK actual = new(count, k);
        exact.Search(queries, count, k, expected, team);
        index.Search(queries, count, k, actual, team);
        for (int query = 0; query < count; query++)
        {
            Assert.That(actual.Items(query).Length, Is.EqualTo(k), $"query {query}, K = {k}");

            // Scores of both sum L ≤ 33 products in orders of their own: each errs by at most L·ε·Σ|h·β| ≈ 1e−5.
            for (int i = 0; i < k; i++)
            {
                float score = expected.Scores(query)[i];
                Assert.That(actual.Scores(query)[i], Is.EqualTo(score).Within(1e-5 * Math.Max(1, Math.Abs(score))), $"query {query}, place {i}");
            }

            if (IsWellSeparated(expected.Scores(query)))
                Assert.That(actual.Items(query).ToArray(), Is.EqualTo(expected.Items(query).ToArray()), $"query {query}, K = {k}");
        }
    }

    // Neighbours in the ranking either tie exactly, as equal vectors do, or differ by more than rounding.
    private static bool IsWellSeparated(ReadOnlySpan<float> scores)
    {
        for (int i = 1; i < scores.Length; i++)
        {
            float gap = scores[i - 1] - scores[i];
            if (gap != 0 && gap < 1e-5f * Math.Max(1, Math.Abs(scores[i])))
                return false;
        }

        return true;
    }
}
