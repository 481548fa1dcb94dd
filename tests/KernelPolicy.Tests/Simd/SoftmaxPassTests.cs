using KernelPolicy.Kernels;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Simd;

/// <summary>ln Z, E_π[r], E_π[β] and E_π[rβ] of the exact pass, and draws from the weights it keeps.</summary>
/// <remarks>
/// Tolerance. A score is off by at most δ = γ_L Σ|hβ|; f − m by u·|f − m| more; the exponential by 2 units in the last
/// place, 4u; the sum over P items by γ_P; a block's rescaling by 5u, at most once a block. A weight is thus off by the
/// share ρ = 2δ + u·range + 9u·(1 + P/96) + γ_P, and a ratio of two sums by 2ρ of Σπ|terms|. Weights below e^−87 count as
/// e^−87: P·1.2e−38, nothing here.
/// </remarks>
[NonParallelizable]
public class SoftmaxPassTests
{
    private const double Unit = Close.SingleUnit;
    private static readonly int[] Catalogues = [1, 2, 95, 96, 97, 193, 250];
    private static readonly int[] Batches = [1, 3, 7, 8, 9, 17];

    [Test]
    public void All_dimensions([Values] bool rewards)
    {
        using WorkerTeam team = new(2);
        for (int dimension = 1; dimension <= 256; dimension++)
        {
            int catalogue = Catalogues[dimension % Catalogues.Length], batch = Batches[dimension / 7 % Batches.Length];
            double scale = 1.5 / Math.Sqrt(dimension);
            using Matrix items = Seeded.Matrix(dimension, catalogue, dimension);
            using Matrix queries = Seeded.Matrix(-dimension, batch, dimension, scale);
            using MatrixView guardedItems = MatrixView.Guarded(items), guardedQueries = MatrixView.Guarded(queries);
            SoftmaxExpectation expected = new(items, queries, rewards);
            Widths.Each(width =>
            {
                using SoftmaxPass pass = new(batch, dimension);
                pass.Run(guardedItems.Table, guardedQueries.Table, batch, rewards ? BlockReward.Instance : null, team);
                expected.Check(pass, $"width {width}, L {dimension}, P {catalogue}, B {batch}");
            });
        }
    }

    [TestCase(1536, 5)]
    [TestCase(1537, 3)]
    [TestCase(5000, 35)]
    public void Many_pieces(int catalogue, int batch) => Widths.Each(width =>
    {
        using WorkerTeam team = new(2);
        using Matrix items = Seeded.Matrix(1, catalogue, 6), queries = Seeded.Matrix(2, batch, 6, 2);
        using SoftmaxPass pass = new(batch, 6);
        pass.Run(items, queries, batch, BlockReward.Instance, team);
        new SoftmaxExpectation(items, queries, rewards: true).Check(pass, $"width {width}, P {catalogue}");
    });

    /// <summary>Scores that rise along the catalogue lift the maximum, and scale the sums down, in every block.</summary>
    [TestCase(1)]
    [TestCase(-1)]
    public void Scores_that_rise_and_fall_along_the_catalogue(int direction) => Widths.Each(width =>
    {
        using WorkerTeam team = new(2);
        using Matrix items = Seeded.Matrix(1, 3500, 3), queries = new(2, 3);
        for (int a = 0; a < 3500; a++)
            items.Row(a)[0] = direction * a / 64f;
        queries.Row(0)[0] = 1;
        queries.Row(1)[0] = 40;
        using SoftmaxPass pass = new(2, 3);
        pass.Run(items, queries, 2, BlockReward.Instance, team);
        new SoftmaxExpectation(items, queries, rewards: true).Check(pass, $"width {width}");
    });

    /// <summary>Whole numbers: scores of ±10,000 are exact, δ = 0, and what remains must be as accurate as ever.</summary>
    [TestCase(10_000)]
    [TestCase(-10_000)]
    public void Huge_scores(int shift) => Widths.Each(width =>
    {
        using WorkerTeam team = new(2);
        using Matrix items = Seeded.Matrix(1, 700, 20), queries = new(1, 20);
        Random random = new(3);
        for (int a = 0; a < 700; a++)
            items.Row(a)[19] = shift + (a % 2 == 0 ? random.Next(-3, 4) : random.Next(-9_000, 4));
        queries.Row(0)[19] = 1;
        using SoftmaxPass pass = new(1, 20);
        pass.Run(items, queries, 1, BlockReward.Instance, team);
        new SoftmaxExpectation(items, queries, rewards: true, exactScores: true).Check(pass, $"width {width}");
    });

    [Test]
    public void A_zero_query_gives_plain_means() => Widths.Each(width =>
    {
        using WorkerTeam team = new(2);
        using Matrix items = Seeded.Matrix(1, 333, 10), queries = new(1, 10);
        using SoftmaxPass pass = new(1, 10);
        pass.Run(items, queries, 1, BlockReward.Instance, team);
        new SoftmaxExpectation(items, queries, rewards: true).Check(pass, $"width {width}");
        Assert.That(pass.LogZ[0], Is.EqualTo(Math.Log(333)).Within(333 * Unit));
    });

    [TestCase(float.NaN)]
    [TestCase(float.PositiveInfinity)]
    public void A_query_that_is_not_finite_gives_no_number(float value) => Widths.Each(_ =>
    {
        using WorkerTeam team = new(1);
        using Matrix items = Seeded.Matrix(1, 200, 4), queries = Seeded.Matrix(2, 3, 4);
        queries.Row(1)[2] = value;
        using SoftmaxPass pass = new(3, 4);
        pass.Run(items, queries, 3, null, team);
        Assert.That(pass.MeanItem.Row(1).ToArray(), Is.All.NaN);
        Assert.That(pass.MeanItem.Row(0).ToArray().Concat(pass.MeanItem.Row(2).ToArray()), Is.All.Matches<float>(float.IsFinite));
    });

    /// <summary>One item that is no number must not pass as one of no weight.</summary>
    [Test]
    public void An_item_that_is_no_number_shows() => Widths.Each(width =>
    {
        using WorkerTeam team = new(1);
        using Matrix items = Seeded.Matrix(1, 200, 4), queries = Seeded.Matrix(2, 2, 4);
        items.Row(77)[1] = float.NaN;
        using SoftmaxPass pass = new(2, 4);
        pass.Run(items, queries, 2, null, team);
        Assert.That(pass.MeanItem.Row(0)[1], Is.NaN, $"width {width}");
    });

    [Test]
    public void The_same_bits_at_any_number_of_threads() => Widths.Each(_ =>
    {
        using Matrix items = Seeded.Matrix(1, 6000, 5), queries = Seeded.Matrix(2, 11, 5);
        (double[] LogZ, double[] Reward, double[,] Item, double[,] Rewarded) Run(int threads)
        {
            using WorkerTeam team = new(threads);
            using SoftmaxPass pass = new(11, 5);
            pass.Run(items, queries, 11, BlockReward.Instance, team);
            return (pass.LogZ, pass.MeanReward, Seeded.Wide(pass.MeanItem), Seeded.Wide(pass.MeanRewardedItem));
        }

        var one = Run(1);
        foreach (int threads in new[] { 2, 3 })
        {
            var many = Run(threads);
            Assert.That(many.LogZ, Is.EqualTo(one.LogZ));
            Assert.That(many.Reward, Is.EqualTo(one.Reward));
            Assert.That(many.Item, Is.EqualTo(one.Item));
            Assert.That(many.Rewarded, Is.EqualTo(one.Rewarded));
        }
    });

    /// <summary>Small steps stay below what makes the reference follow; a long rise must not overflow.</summary>
    [Test]
    public void Scores_that_creep_up_by_less_than_the_slack() => Widths.Each(width =>
    {
        using WorkerTeam team = new(1);
        using Matrix items = new(4000, 3), queries = new(1, 3);
        for (int a = 0; a < 4000; a++)
        {
            items.Row(a)[0] = a / 32f;
            items.Row(a)[1] = a % 5;
        }

        queries.Row(0)[0] = 1;
        using SoftmaxPass pass = new(1, 3);
        pass.Run(items, queries, 1, BlockReward.Instance, team);
        new SoftmaxExpectation(items, queries, rewards: true, exactScores: true).Check(pass, $"width {width}");
    });

    [Test]
    public void Shapes_that_do_not_fit_are_refused()
    {
        using WorkerTeam team = new(1);
        using SoftmaxPass pass = new(3, 4);
        using Matrix items = new(10, 4), queries = new(5, 4), wrong = new(5, 5), none = new(0, 4);
        Assert.That(() => pass.Run(items, wrong, 3, null, team), Throws.ArgumentException);
        Assert.That(() => pass.Run(wrong, wrong, 3, null, team), Throws.ArgumentException);
        Assert.That(() => pass.Run(none, queries, 3, null, team), Throws.ArgumentException);
        Assert.That(() => pass.Run(items, queries, 4, null, team), Throws.InstanceOf<ArgumentException>());
        Assert.That(() => pass.Run(items, queries, -1, null, team), Throws.InstanceOf<ArgumentException>());
        pass.Run(items, queries, 0, null, team);
    }
}
