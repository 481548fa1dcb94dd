using KernelPolicy.Kernels;
using KernelPolicy.Tests.Reference;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Simd;

/// <summary>Catalogues in orders that a scan with thresholds likes least. Scores are whole numbers below 2^24, and exact:
/// answers must be those of a full sort, item for item.</summary>
[NonParallelizable]
public class TopKScanOrdersTests
{
    private const int Catalogue = 2500;

    public enum Order
    {
        Rising,
        Falling,
        Equal,
        MostlyNotNumbers,
        FewNumbers,
        Periodic,
    }

    [Test]
    public void Any_order_any_batch([Values] Order order, [Values(1, 3, 4, 5, 33)] int batch) => Widths.Each(width =>
    {
        using Matrix items = new(Catalogue, 3), queries = new(batch, 3);
        for (int a = 0; a < Catalogue; a++)
            items.Row(a)[1] = Value(order, a);
        for (int b = 0; b < batch; b++)
            queries.Row(b)[1] = (b % 2 == 0 ? 1 : -1) * (1 + (b % 3));
        using TopKScan scan = new();
        foreach (int threads in new[] { 1, 2, 3 })
        {
            using WorkerTeam team = new(threads);
            foreach (int k in new[] { 1, 10, 300, Catalogue })
            {
                TopK result = new(batch, k);
                scan.Run(items, queries, batch, k, result, team);
                for (int b = 0; b < batch; b++)
                {
                    Assert.That(
                        result.Items(b).ToArray(), Is.EqualTo(Expected(items, queries.Row(b)[1], k)),
                        $"width {width}, {threads} threads, K {k}, query {b}");
                }
            }
        }
    });

    /// <summary>For every other query the best items are those of the sample, and only they: the threshold that it gives
    /// is reached by fewer than K, and the scan must see that for these queries and repeat it for them.</summary>
    [TestCase(5)]
    [TestCase(33)]
    public void A_sample_of_the_best_items_alone_is_seen_through(int batch) => Widths.Each(width =>
    {
        const int k = 100, planted = 60;
        int size = ThresholdSample.SizeFor(Catalogue, k);
        using Matrix items = new(Catalogue, 2), queries = new(batch, 2);
        for (int a = 0; a < Catalogue; a++)
            (items.Row(a)[0], items.Row(a)[1]) = (a % 100, a * 37 % 1000);
        for (int i = 0; i < planted; i++)
            items.Row(ThresholdSample.ItemAt(i, size, Catalogue))[0] = 5000 + i;
        for (int b = 0; b < batch; b++)
            queries.Row(b)[b % 2] = 1;
        double[,] beta = Seeded.Wide(items), h = Seeded.Wide(queries);

        // Else this test is of nothing: at the sample's rank a planted score stands, and fewer than K are planted.
        using (QueryPanels panels = new())
        using (ThresholdSample sample = new(panels))
        using (WorkerTeam alone = new(1))
        {
            panels.Pack(queries, batch);
            Assert.That(sample.Take(items, k, alone), Is.True);
            Assert.That(sample.Thresholds[0], Is.GreaterThan(100), $"width {width}");
            Assert.That(sample.Thresholds[1], Is.InRange(0, 1000), $"width {width}");
        }

        using TopKScan scan = new();
        using WorkerTeam team = new(2);
        TopK result = new(batch, k);
        scan.Run(items, queries, batch, k, result, team);
        for (int b = 0; b < batch; b++)
        {
            Assert.That(
                result.Items(b).ToArray(), Is.EqualTo(TopItems.Of(Linear.Scores(Linear.Row(h, b), beta), k)),
                $"width {width}, query {b}");
        }

        Allocations.AssertNone(() => scan.Run(items, queries, batch, k, result, team), warmUp: 20);
    });

    /// <summary>Bit for bit: a score may depend on the width and on the batch, never on who computes it.</summary>
    [TestCase(2)]
    [TestCase(20)]
    public void Real_numbers_at_any_number_of_threads(int batch) => Widths.Each(width =>
    {
        using Matrix items = Seeded.Matrix(1, 7001, 21), queries = Seeded.Matrix(2, batch, 21);
        using TopKScan scan = new();
        TopK first = new(batch, 90), other = new(batch, 90);
        using WorkerTeam alone = new(1);
        scan.Run(items, queries, batch, 90, first, alone);
        foreach (int threads in new[] { 2, 3, 5 })
        {
            using WorkerTeam team = new(threads);
            scan.Run(items, queries, batch, 90, other, team);
            for (int b = 0; b < batch; b++)
            {
                Assert.That(other.Items(b).SequenceEqual(first.Items(b)), $"width {width}, {threads} threads, query {b}");
                Assert.That(other.Scores(b).SequenceEqual(first.Scores(b)), $"width {width}, {threads} threads, query {b}");
            }
        }
    });

    [Test]
    public void The_sample_is_spread_over_the_catalogue(
        [Values(97, 100, 2500, 750_001)] int rows, [Values(48, 96, 480)] int size)
    {
        if (size > rows)
            return;
        for (int i = 0; i < size; i++)
        {
            Assert.That(
                ThresholdSample.ItemAt(i, size, rows), Is.InRange((long)i * rows / size, ((i + 1L) * rows / size) - 1));
        }
    }

    private static float Value(Order order, int a) => order switch
    {
        Order.Rising => a,
        Order.Falling => Catalogue - a,
        Order.Equal => 3,
        Order.MostlyNotNumbers => a % 7 == 0 ? a % 50 : float.NaN,
        Order.FewNumbers => a % 500 == 499 ? a : float.NaN,
        _ => a % 13 == 0 ? 100 : a % 13,
    };

    private static int[] Expected(Matrix items, float factor, int k) =>
        [.. Enumerable.Range(0, Catalogue)
            .Select(a => (Item: a, Score: (double)items.Row(a)[1] * factor))
            .Where(pair => !double.IsNaN(pair.Score))
            .OrderByDescending(pair => pair.Score).ThenBy(pair => pair.Item)
            .Take(k).Select(pair => pair.Item)];
}
