using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Items;

/// <summary>A graph over items that move.</summary>
public sealed class RebuildingIndexTests
{
    private const int Items = 3000;
    private const int Dimension = 8;
    private const int K = 10;
    private const int Queries = 40;

    // Wide enough for a new graph to find nearly all.
    private static readonly HnswOptions Options = new() { M = 16, EfSearch = 64, Metric = HnswMetric.NormAugmented };

    [Test]
    public void What_is_found_is_scored_as_items_are_now_and_in_that_order()
    {
        using WorkerTeam team = new(2);
        using Matrix items = Seeded.Matrix(1, Items, Dimension), queries = Seeded.Matrix(2, Queries, Dimension);
        using RebuildingIndex index = new(items, Options, team);
        Move(items, 0.3);
        TopK found = new(Queries, K);
        index.Search(queries, Queries, K, found, team);
        double[,] beta = Seeded.Wide(items), h = Seeded.Wide(queries);
        for (int q = 0; q < Queries; q++)
        {
            int[] answer = found.Items(q).ToArray();
            double[] scores = [.. answer.Select(a => Enumerable.Range(0, Dimension).Sum(l => h[q, l] * beta[a, l]))];
            // A dot product of 8 terms, magnitudes below 40.
            Close.Values(found.Scores(q), scores, 40 * Close.Gamma(Dimension), 0, $"query {q}");
            Assert.That(found.Scores(q).ToArray(), Is.Ordered.Descending);
            Assert.That(answer, Is.Unique.And.Length.EqualTo(K));
        }
    }

    [Test]
    public void It_is_built_anew_only_where_recall_is_below_the_bound_and_items_moved()
    {
        using WorkerTeam team = new(2);
        using Matrix items = Seeded.Matrix(1, Items, Dimension), queries = Seeded.Matrix(2, Queries, Dimension);
        using RebuildingIndex index = new(items, Options, team, largestShare: 1);
        RecallCheck fresh = index.Check(queries, Queries, K, 0.99, team);
        Move(items, 1);
        RecallCheck measured = index.Check(queries, Queries, K, 0, team);
        RecallCheck acted = index.Check(queries, Queries, K, 0.99, team);
        RecallCheck again = index.Check(queries, Queries, K, 0.99, team);
        Assert.Multiple(() =>
        {
            Assert.That(fresh.Action, Is.EqualTo(GuardAction.Kept));
            Assert.That(measured.Action, Is.EqualTo(GuardAction.Measured));
            Assert.That(measured.Before.MassRecall, Is.LessThan(0.9));
            Assert.That((acted.Action, acted.HasActed), Is.EqualTo((GuardAction.Rebuilt, true)));
            Assert.That(acted.Before.MassRecall, Is.EqualTo(measured.Before.MassRecall));
            Assert.That(acted.After.MassRecall, Is.GreaterThanOrEqualTo(0.99));
            Assert.That(again.Action, Is.EqualTo(GuardAction.Kept));
            Assert.That(index.Rebuilds, Is.EqualTo(1));
        });
        index.Reset();
        Assert.That(index.Rebuilds, Is.Zero);
    }

    [Test]
    public void Another_with_the_same_build_finds_the_same()
    {
        using WorkerTeam team = new(2);
        using Matrix items = Seeded.Matrix(1, Items, Dimension), queries = Seeded.Matrix(2, Queries, Dimension);
        using RebuildingIndex one = new(items, Options, team);
        Move(items, 1);
        one.Rebuild();
        Move(items, 0.2);
        using RebuildingIndex other = new(items, Options, team);
        other.RestoreBuild(one.BuiltItems, one.Rebuilds);
        TopK first = new(Queries, K), second = new(Queries, K);
        one.Search(queries, Queries, K, first, team);
        other.Search(queries, Queries, K, second, team);
        for (int q = 0; q < Queries; q++)
            Assert.That(second.Items(q).ToArray(), Is.EqualTo(first.Items(q).ToArray()));
        Assert.That(other.Rebuilds, Is.EqualTo(1));
    }

    [Test]
    public void A_search_allocates_nothing()
    {
        using WorkerTeam team = new(2);
        using Matrix items = Seeded.Matrix(1, Items, Dimension), queries = Seeded.Matrix(2, Queries, Dimension);
        using RebuildingIndex index = new(items, Options, team);
        TopK found = new(Queries, K);
        Allocations.AssertNone(() => index.Search(queries, Queries, K, found, team));
    }

    private static void Move(Matrix items, double share)
    {
        using Matrix other = Seeded.Matrix(7, Items, Dimension);
        for (int row = 0; row < Items; row++)
        {
            for (int l = 0; l < Dimension; l++)
                items.Row(row)[l] = (float)(((1 - share) * items.Row(row)[l]) + (share * other.Row(row)[l]));
        }
    }
}
