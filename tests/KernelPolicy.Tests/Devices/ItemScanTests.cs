using KernelPolicy.Kernels;
using KernelPolicy.Kernels.Ilgpu;
using KernelPolicy.Tests.Reference;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Devices;

/// <summary>The exact top K against a full sort.</summary>
/// <remarks>Numbers are whole and small where the answer must be the same item by item, so that scores are exact in any
/// order of summation, and many of them tie.</remarks>
[TestFixtureSource(typeof(DevicePaths), nameof(DevicePaths.Devices))]
public sealed class ItemScanTests(DevicePath path) : DeviceFixture(path)
{
    [Test]
    public void Catalogues_of_every_remainder(
        [Values(1, 2, 7, 8, 9, 15, 16, 17, 63, 65, 130, 257, 1000, 5003)] int catalogue, [Values(1, 3, 20, 128, 5000)] int k)
    {
        NotEmulated(catalogue > 130 || (k > 20 && catalogue > 65));
        AssertSorted(WholeNumbers(1, catalogue, 5), WholeNumbers(2, 3, 5), Math.Min(k, catalogue));
    }

    [Test]
    public void Batches_of_every_remainder([Values(1, 5, 16, 17, 32, 33, 70)] int batch)
    {
        NotEmulated(batch > 33);
        int catalogue = IsEmulated ? 40 : 700;
        AssertSorted(WholeNumbers(1, catalogue, 7), WholeNumbers(2, batch, 7), k: 10);
    }

    [Test]
    public void Rows_of_every_remainder([Values(1, 3, 16, 17, 64, 100, 1000, 1025)] int dimension)
    {
        NotEmulated(dimension > 64);
        AssertSorted(WholeNumbers(1, IsEmulated ? 50 : 300, dimension), WholeNumbers(2, 5, dimension), k: 11);
    }

    /// <summary>A batch smaller than the scan was made for, after a larger one.</summary>
    [Test]
    public void Batches_of_any_size_in_turn()
    {
        using Matrix items = WholeNumbers(1, 90, 5);
        using DeviceItems deviceItems = new(Device, items, ItemPrecision.Single);
        using IItemScan scan = deviceItems.Build(new ItemScanFactory(90, 5, 35, 4));
        foreach (int batch in new[] { 35, 1, 17 })
        {
            using Matrix queries = WholeNumbers(batch, batch, 5);
            using DeviceTopK top = new(Device, 35, 4);
            AssertAnswers(Run(scan, queries, top), items, queries, 4);
        }
    }

    [Test]
    public void A_query_of_zeros_finds_the_first_items([Values(1, 20, 45)] int k)
    {
        using Matrix items = Seeded.Matrix(1, 45, 4), queries = new(2, 4);
        foreach ((int[] found, float[] scores) in Search(items, queries, k))
        {
            Assert.That(found, Is.EqualTo(Enumerable.Range(0, k)));
            Assert.That(scores, Is.All.Zero);
        }
    }

    [Test]
    public void Of_the_same_item_many_times_the_smaller_comes_first()
    {
        using Matrix items = new(130, 3), queries = WholeNumbers(3, 4, 3);
        for (int item = 0; item < 130; item++)
            WholeNumbers(4, 5, 3).Row(item % 5).CopyTo(items.Row(item));
        AssertAnswers(Search(items, queries, 60), items, queries, 60);
    }

    [Test]
    public void Scores_below_zero_are_found_as_well()
    {
        using Matrix items = WholeNumbers(1, 40, 3), queries = WholeNumbers(2, 3, 3);
        for (int item = 0; item < 40; item++)
            items.Row(item)[0] = -100 - (item * 3 % 17);
        for (int query = 0; query < 3; query++)
            queries.Row(query)[0] = 9;
        AssertAnswers(Search(items, queries, 40), items, queries, 40);
        AssertAnswers(Search(items, queries, 3), items, queries, 3);
    }

    /// <summary>An item whose score is no number is not found. Whether its neighbours in a group are is the device's
    /// choice: the larger of a number and none is the number on some, none on others.</summary>
    [Test]
    public void An_item_that_is_no_number_is_not_found([Values(0, 21, 69)] int item)
    {
        using Matrix items = WholeNumbers(1, 70, 5), queries = WholeNumbers(2, 3, 5);
        items.Row(item)[2] = float.NaN;
        double[,] beta = Seeded.Wide(items);
        int query = 0;
        foreach ((int[] found, _) in Search(items, queries, 12))
        {
            double[] f = Linear.Scores(Seeded.Wide(queries.Row(query++)), beta);
            int[] neighbours = [.. Enumerable.Range(0, 70).Where(a => a / GroupMaximaKernel.GroupItems == item / GroupMaximaKernel.GroupItems)];
            Assert.That(found, Is.EqualTo(Without(f, [item])).Or.EqualTo(Without(f, neighbours)));
        }

        static int[] Without(double[] f, int[] items)
        {
            double[] rest = (double[])f.Clone();
            foreach (int item in items)
                rest[item] = double.NegativeInfinity;
            return TopItems.Of(rest, 12);
        }
    }

    [Test]
    public void Where_no_score_is_a_number_nothing_is_found()
    {
        using Matrix items = WholeNumbers(1, 30, 3), queries = WholeNumbers(2, 2, 3);
        queries.Row(1)[1] = float.NaN;
        (int[] Items, float[] Scores)[] answers = Search(items, queries, 6);
        Assert.That(answers[0].Items, Has.Length.EqualTo(6));
        Assert.That(answers[1].Items, Is.Empty);
    }

    /// <summary>Real numbers: scores are off by γ_L Σ |h β| at most, and nothing is missed by more than twice that.</summary>
    [Test]
    public void Scores_of_real_numbers_fall_and_miss_nothing([Values(17, 64, 1000)] int dimension, [Values] ItemPrecision precision)
    {
        NotEmulated(dimension > 64);
        int catalogue = IsEmulated ? 80 : 2000, k = IsEmulated ? 9 : 50;
        using Matrix items = Seeded.Matrix(1, catalogue, dimension), queries = Seeded.Matrix(2, 5, dimension);
        (int[] Items, float[] Scores)[] answers = Search(items, queries, k, precision);
        double[,] beta = Seeded.Wide(items);
        for (int a = 0; a < catalogue && precision == ItemPrecision.Half; a++)
        {
            for (int l = 0; l < dimension; l++)
                beta[a, l] = (double)(Half)beta[a, l];
        }

        for (int b = 0; b < 5; b++)
        {
            double[] h = Seeded.Wide(queries.Row(b)), f = Linear.Scores(h, beta);
            double allowed = Estimators.ErrorBound.Score(h, beta, []);
            (int[] found, float[] scores) = answers[b];
            Assert.That(found, Is.Unique.And.Length.EqualTo(k));
            Assert.That(scores, Is.Ordered.Descending);
            Close.Values(scores, [.. found.Select(a => f[a])], allowed, 0, $"query {b}");
            Assert.That(found.Min(a => f[a]), Is.GreaterThanOrEqualTo(f[TopItems.Of(f, k)[^1]] - (2 * allowed)));
        }
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

    private static void AssertAnswers((int[] Items, float[] Scores)[] answers, Matrix items, Matrix queries, int k)
    {
        double[,] beta = Seeded.Wide(items);
        for (int query = 0; query < answers.Length; query++)
        {
            double[] f = Linear.Scores(Seeded.Wide(queries.Row(query)), beta);
            int[] expected = TopItems.Of(f, k);
            Assert.That(answers[query].Items, Is.EqualTo(expected), $"query {query}");
            Assert.That(answers[query].Scores, Is.EqualTo(expected.Select(a => (float)f[a])), $"scores of query {query}");
        }
    }

    private void AssertSorted(Matrix items, Matrix queries, int k)
    {
        using (items)
        using (queries)
            AssertAnswers(Search(items, queries, k), items, queries, k);
    }

    private (int[] Items, float[] Scores)[] Search(Matrix items, Matrix queries, int k, ItemPrecision precision = ItemPrecision.Single)
    {
        using DeviceItems deviceItems = new(Device, items, precision);
        int batch = (int)queries.Rows;
        using IItemScan scan = deviceItems.Build(new ItemScanFactory((int)items.Rows, items.Columns, batch, k));
        using DeviceTopK top = new(Device, batch, k);
        return Run(scan, queries, top);
    }

    private (int[] Items, float[] Scores)[] Run(IItemScan scan, Matrix queries, DeviceTopK top)
    {
        int batch = (int)queries.Rows, k = top.K;
        scan.Run(Upload(queries).View, UploadPanels(queries).View, batch, top);
        int[] items = new int[top.Queries * k], found = new int[top.Queries];
        float[] scores = new float[top.Queries * k];
        top.Download(items, scores, found);
        return [.. Enumerable.Range(0, batch).Select(
            query => (items.AsSpan(query * k, found[query]).ToArray(), scores.AsSpan(query * k, found[query]).ToArray()))];
    }
}
