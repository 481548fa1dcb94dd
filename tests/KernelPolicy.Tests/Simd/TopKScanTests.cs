using KernelPolicy.Kernels;
using KernelPolicy.Tests.Reference;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Simd;

[NonParallelizable]
public class TopKScanTests
{
    private static readonly int[] Catalogues = [1, 2, 5, 95, 96, 97, 191, 193, 400];
    private static readonly int[] Batches = [1, 3, 7, 8, 9, 15, 17, 31, 33];

    /// <summary>Whole numbers make scores exact and ties many: the answer must be the sorted one, item for item.</summary>
    [Test]
    public void All_dimensions_against_a_full_sort()
    {
        using WorkerTeam team = new(2);
        using TopKScan scan = new();
        for (int dimension = 1; dimension <= 256; dimension++)
        {
            int catalogue = Catalogues[dimension % Catalogues.Length], batch = Batches[dimension / 9 % Batches.Length];
            int k = dimension % 4 == 0 ? catalogue : 1 + (dimension % Math.Min(catalogue, 60));
            using Matrix items = WholeNumbers(dimension, catalogue, dimension), queries = WholeNumbers(-dimension, batch, dimension);
            using MatrixView guardedItems = MatrixView.Guarded(items), guardedQueries = MatrixView.Guarded(queries);
            double[,] beta = Seeded.Wide(items), h = Seeded.Wide(queries);
            double[][] f = [.. Enumerable.Range(0, batch).Select(b => Linear.Scores(Linear.Row(h, b), beta))];
            int[][] expected = [.. f.Select(scores => TopItems.Of(scores, k))];
            Widths.Each(width =>
            {
                TopK result = new(batch, k);
                scan.Run(guardedItems.Table, guardedQueries.Table, batch, k, result, team);
                for (int b = 0; b < batch; b++)
                {
                    string what = $"width {width}, L {dimension}, P {catalogue}, B {batch}, K {k}, query {b}";
                    Assert.That(result.Items(b).ToArray(), Is.EqualTo(expected[b]), what);
                    Assert.That(
                        result.Scores(b).ToArray(), Is.EqualTo(expected[b].Select(a => (float)f[b][a]).ToArray()), what);
                }
            });
        }
    }

    [TestCase(1535, 10, 3)]
    [TestCase(1537, 1537, 2)]
    [TestCase(5000, 256, 9)]
    public void Many_pieces_and_any_number_of_threads(int catalogue, int k, int batch) => Widths.Each(width =>
    {
        using Matrix items = WholeNumbers(1, catalogue, 7), queries = WholeNumbers(2, batch, 7);
        double[,] beta = Seeded.Wide(items), h = Seeded.Wide(queries);
        foreach (int threads in new[] { 1, 2, 3 })
        {
            using WorkerTeam team = new(threads);
            using TopKScan scan = new();
            TopK result = new(batch, k);
            scan.Run(items, queries, batch, k, result, team);
            for (int b = 0; b < batch; b++)
            {
                Assert.That(
                    result.Items(b).ToArray(), Is.EqualTo(TopItems.Of(Linear.Scores(Linear.Row(h, b), beta), k)),
                    $"width {width}, {threads} threads, query {b}");
            }
        }
    });

    [TestCase(1)]
    [TestCase(4)]
    [TestCase(5)]
    [TestCase(12)]
    public void Scores_of_real_numbers_fall_and_miss_nothing(int batch) => Widths.Each(width =>
    {
        using WorkerTeam team = new(2);
        using TopKScan scan = new();
        using Matrix items = Seeded.Matrix(1, 2000, 37), queries = Seeded.Matrix(2, batch, 37);
        double[,] beta = Seeded.Wide(items), h = Seeded.Wide(queries);
        TopK result = new(batch, 50);
        scan.Run(items, queries, batch, 50, result, team);
        for (int b = 0; b < batch; b++)
        {
            double[] f = Linear.Scores(Linear.Row(h, b), beta);
            int[] found = result.Items(b).ToArray();
            Assert.That(found, Is.Unique);
            Assert.That(result.Scores(b).ToArray(), Is.Ordered.Descending);

            // γ_L Σ|h β|, and |h·β| terms of normal numbers sum to less than 2L here.
            double allowed = Close.Gamma(37) * 2 * 37;
            Close.Values(result.Scores(b), [.. found.Select(a => f[a])], allowed, 0, $"width {width}, query {b}");
            double worst = f[TopItems.Of(f, 50)[^1]];
            Assert.That(found.Min(a => f[a]), Is.GreaterThanOrEqualTo(worst - (2 * allowed)));
        }
    });

    [Test]
    public void One_scan_serves_searches_of_any_shape_in_turn()
    {
        using WorkerTeam team = new(2), wider = new(3);
        using TopKScan scan = new();
        using Matrix items = WholeNumbers(1, 700, 9), queries = WholeNumbers(2, 40, 9);
        double[,] beta = Seeded.Wide(items), h = Seeded.Wide(queries);
        foreach ((int batch, int k) in new[] { (40, 3), (1, 700), (33, 64), (2, 1), (40, 100) })
        {
            TopK result = new(batch, k);
            scan.Run(items, queries, batch, k, result, k == 64 ? wider : team);
            for (int b = 0; b < batch; b++)
                Assert.That(result.Items(b).ToArray(), Is.EqualTo(TopItems.Of(Linear.Scores(Linear.Row(h, b), beta), k)));
        }
    }

    [Test]
    public void Not_numbers_are_never_found_and_infinities_keep_their_place() => Widths.Each(_ =>
    {
        using WorkerTeam team = new(2);
        using TopKScan scan = new();
        using Matrix items = WholeNumbers(1, 120, 5), queries = new(2, 5);
        queries.Row(0).Fill(1);
        queries.Row(1).Fill(-1);
        items.Row(3)[0] = float.NaN;
        items.Row(100)[4] = float.NaN;
        items.Row(50)[1] = float.PositiveInfinity;
        items.Row(60)[1] = float.NegativeInfinity;
        TopK result = new(2, 120);
        scan.Run(items, queries, 2, 120, result, team);
        Assert.That(result.Items(0).ToArray(), Has.Length.EqualTo(118).And.No.Member(3).And.No.Member(100));
        Assert.That((result.Items(0)[0], result.Items(0)[^1]), Is.EqualTo((50, 60)));
        Assert.That((result.Items(1)[0], result.Items(1)[^1]), Is.EqualTo((60, 50)));
        scan.Run(items, queries, 2, 1, result, team);
        Assert.That((result.Items(0)[0], result.Items(1)[0]), Is.EqualTo((50, 60)));
    });

    [Test]
    public void A_zero_query_finds_the_first_items() => Widths.Each(_ =>
    {
        using WorkerTeam team = new(2);
        using TopKScan scan = new();
        using Matrix items = Seeded.Matrix(1, 300, 6), queries = new(1, 6);
        TopK result = new(1, 9);
        scan.Run(items, queries, 1, 9, result, team);

        // 0·β is +0 or −0; the two tie.
        Assert.That(result.Items(0).ToArray(), Is.EqualTo(Enumerable.Range(0, 9)));
    });

    [TestCase(2)]
    [TestCase(10)]
    public void A_repeated_search_allocates_nothing(int batch)
    {
        using WorkerTeam team = new(2);
        using TopKScan scan = new();
        using Matrix items = Seeded.Matrix(1, 3000, 12), queries = Seeded.Matrix(2, batch, 12);
        TopK result = new(batch, 40);
        Allocations.AssertNone(() => scan.Run(items, queries, batch, 40, result, team), warmUp: 20);
    }

    [Test]
    public void Shapes_that_do_not_fit_are_refused()
    {
        using WorkerTeam team = new(1);
        using TopKScan scan = new();
        using Matrix items = new(10, 4), queries = new(3, 4), wrong = new(3, 5);
        TopK result = new(3, 5);
        Assert.That(() => scan.Run(items, wrong, 3, 5, result, team), Throws.ArgumentException.With.Message.Contains("5 dimensions"));
        Assert.That(() => scan.Run(items, queries, 4, 5, result, team), Throws.InstanceOf<ArgumentException>());
        Assert.That(() => scan.Run(items, queries, -1, 5, result, team), Throws.InstanceOf<ArgumentException>());
        Assert.That(() => scan.Run(items, queries, 3, 0, result, team), Throws.InstanceOf<ArgumentException>());
        Assert.That(() => scan.Run(items, queries, 3, 6, result, team), Throws.InstanceOf<ArgumentException>());
        Assert.That(() => scan.Run(items, queries, 3, 11, new TopK(3, 20), team), Throws.InstanceOf<ArgumentException>());
        scan.Run(items, queries, 0, 5, result, team);
    }

    private static Matrix WholeNumbers(int seed, int rows, int columns)
    {
        Random random = new(seed);
        Matrix table = new(rows, columns);
        for (int row = 0; row < rows; row++)
        {
            foreach (ref float value in table.Row(row))
                value = random.Next(-3, 4);
        }

        return table;
    }
}
