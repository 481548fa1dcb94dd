using KernelPolicy.Kernels;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Simd;

/// <summary>Draws from the weights that <see cref="SoftmaxPass"/> keeps.</summary>
[NonParallelizable]
public class SoftmaxWeightsTests
{
    [Test]
    public void Draws_invert_the_cumulative_policy([Values(1, 50, 96, 97, 2000)] int catalogue) => Widths.Each(width =>
    {
        using WorkerTeam team = new(2);
        using Matrix items = Seeded.Matrix(1, catalogue, 4), queries = Seeded.Matrix(2, 19, 4, 1.5);
        using SoftmaxWeights weights = new();
        using SoftmaxPass pass = new(19, 4) { KeepWeights = weights };
        pass.Run(items, queries, 19, null, team);
        SoftmaxExpectation expected = new(items, queries, rewards: false);
        double[] blocks = new double[weights.Blocks], units = [0, .. Enumerable.Range(0, 1000).Select(i => (i + 0.5) / 1000), 1 - Math.Pow(2, -53)];
        int[] drawn = new int[units.Length];
        Assert.That(blocks, Has.Length.EqualTo((catalogue + 95) / 96));
        foreach (int b in new[] { 0, 7, 18 })
        {
            weights.Cumulate(b, pass.LogZ[b], blocks);
            Assert.That(blocks[^1], Is.EqualTo(1).Within(2 * expected.Share(b)));
            double[] below = new double[catalogue + 1];
            for (int a = 0; a < catalogue; a++)
                below[a + 1] = below[a] + expected.Policy[b][a];
            weights.Draw(b, blocks, units, drawn);
            for (int i = 0; i < units.Length; i++)
            {
                // The cumulative sums are off by the share of a weight, at most.
                double allowed = 2 * expected.Share(b);
                Assert.That(
                    units[i], Is.InRange(below[drawn[i]] - allowed, below[drawn[i] + 1] + allowed), $"width {width}, query {b}");
            }

            Assert.That(drawn, Is.Ordered);
        }
    });

    [Test]
    public void Weights_past_the_caches_give_the_same_draws() => Widths.Each(width =>
    {
        using WorkerTeam team = new(2);
        using Matrix items = Seeded.Matrix(1, 1000, 4), queries = Seeded.Matrix(2, 19, 4, 1.5);
        double[] units = [.. Enumerable.Range(0, 100).Select(i => (i + 0.5) / 100)];
        int[] Draws(long cachedBytes)
        {
            using SoftmaxWeights weights = new() { CachedBytes = cachedBytes };
            using SoftmaxPass pass = new(19, 4) { KeepWeights = weights };
            pass.Run(items, queries, 19, null, team);
            double[] blocks = new double[weights.Blocks];
            int[] drawn = new int[19 * units.Length];
            for (int b = 0; b < 19; b++)
            {
                weights.Cumulate(b, pass.LogZ[b], blocks);
                weights.Draw(b, blocks, units, drawn.AsSpan(b * units.Length, units.Length));
            }

            return drawn;
        }

        Assert.That(Draws(0), Is.EqualTo(Draws(long.MaxValue)), $"width {width}");
    });

    [Test]
    public void Draws_that_do_not_fit_are_refused()
    {
        using WorkerTeam team = new(1);
        using Matrix items = Seeded.Matrix(1, 200, 4), queries = Seeded.Matrix(2, 3, 4);
        using SoftmaxWeights weights = new();
        using SoftmaxPass pass = new(3, 4) { KeepWeights = weights };
        double[] blocks = new double[3], units = new double[2];
        Assert.That(() => weights.Cumulate(0, 0, blocks), Throws.ArgumentException.Or.InstanceOf<ArgumentOutOfRangeException>(), "before a pass");
        pass.Run(items, queries, 3, null, team);
        weights.Cumulate(2, pass.LogZ[2], blocks);
        Assert.That(() => weights.Cumulate(-1, 0, blocks), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => weights.Cumulate(64, 0, blocks), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => weights.Cumulate(0, 0, units), Throws.ArgumentException);
        Assert.That(() => weights.Draw(0, blocks, units, new int[1]), Throws.ArgumentException);
        Assert.That(() => weights.Draw(64, blocks, units, new int[2]), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }
}
