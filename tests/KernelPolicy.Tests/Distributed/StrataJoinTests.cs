using KernelPolicy.Distributed;
using KernelPolicy.Kernels;
using KernelPolicy.Tests.Estimators;
using KernelPolicy.Tests.Reference;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Distributed;

/// <summary>Parts of the strata of a catalogue, joined, are its strata.</summary>
[TestFixture]
public sealed unsafe class StrataJoinTests
{
    private const int Catalogue = 240;
    private const int Contexts = 5;

    /// <summary>
    /// Shards of one size, with as many items in each head and as many draws in each tail: then a draw of a shard stands for as many
    /// items as one of the catalogue does, and the sums are the same.
    /// </summary>
    /// <remarks>
    /// Tolerance: what the unsharded strata are allowed against the reference in double precision (<see cref="StrataAgreement"/>), for each of
    /// both. Besides, ln Ẑ_s is rounded to single precision, w_s in double and then to single, and n weighted parts added: each part is off by
    /// the share 2 |ln Ẑ| u + γ_{n+4}, which enters g as ρ does, and the sizes hold all of its terms.
    /// </remarks>
    [Test]
    public void The_join_is_the_whole([Values(1, 2, 3, 4)] int ranks, [Values(0, 6)] int headOfShard, [Values] RewardKind reward)
    {
        using EstimatorCase problem = EstimatorCase.Normal(Catalogue, 7, Contexts);
        using StrataCase whole = new(problem, Catalogue);
        ItemShards shards = new(Catalogue, ranks);
        Random random = new(3);
        for (int c = 0; c < Contexts; c++)
        {
            // All rewarded items lie in the head or have no reward here: a sparse reward is only asked of the head.
            int[][] heads = new int[ranks][], tails = new int[ranks][];
            for (int rank = 0; rank < ranks; rank++)
            {
                int[] own = [.. Enumerable.Range(shards[rank].First, shards[rank].Count).OrderByDescending(a => problem.Scores[c][a])];
                heads[rank] = own[..(headOfShard * 4 / ranks)];
                tails[rank] = [.. Enumerable.Range(0, 24 / ranks).Select(_ => own[random.Next(heads[rank].Length, own.Length)])];
            }

            int[] head = [.. heads.SelectMany(items => items)], tail = [.. tails.SelectMany(items => items)];
            (float[] g, StrataReport report) = whole.Estimate(c, head, tail, reward, control: false);
            float[][] joined = ShardParts.OfEach(ranks, communicator => Joined(communicator, problem, c, heads, tails, reward));
            double[] r = [.. problem.RewardsOf(reward, c).Select((value, a) => reward == RewardKind.Dense || head.Contains(a) ? value : 0)];
            StrataEstimate expected = new(problem.Scores[c], r, problem.Beta, head, tail, control: false);
            double ofParts = (2 * Close.SingleUnit * (Math.Abs(report.LogPartition) + 5)) + Close.Gamma(ranks + 4);
            double rho = 24 * (StrataAgreement.Rho(problem, c, head.Length + tail.Length) + ofParts);
            double[] allowed = [.. expected.Magnitude.Select(size => 2 * rho * size)];
            Close.Within(joined[0].AsSpan(2), Seeded.Wide(g), allowed, $"g of context {c}");
            Assert.That(joined[0][0], Is.EqualTo(report.LogPartition).Within(rho + (2 * Close.SingleUnit * Math.Abs(report.LogPartition))), "ln Ẑ");
            Assert.That(joined[0][1], Is.EqualTo(report.Reward).Within(2 * rho * (1 + (2 * Math.Abs(r.Max())))), "r̄");
            foreach (float[] other in joined)
                Assert.That(other, Is.EqualTo(joined[0]), "all ranks have the same bits");
        }
    }

    /// <summary>Logarithms of which the exponentials are beyond single and double precision.</summary>
    [Test]
    public void Shares_are_taken_without_overflow()
    {
        float[][] joined = ShardParts.OfEach(3, communicator =>
        {
            using StrataJoin join = new(communicator, 2, 1);
            // 1, 2 and 1 parts of four; and one that outweighs the rest.
            new[] { (float)(2000 + (communicator.Rank == 1 ? Math.Log(2) : 0)), communicator.Rank, 10 * communicator.Rank, -communicator.Rank }.CopyTo(join.Own(0));
            new[] { communicator.Rank == 2 ? -3000f : -9000f, communicator.Rank, 1, 2 }.CopyTo(join.Own(1));
            join.Run();
            return (float[])[.. join.Joined(0), .. join.Joined(1)];
        });
        foreach (float[] row in joined)
        {
            // ln 4 is exact to a rounding of 2000, 2^-14 of it, and so are the shares.
            Close.Values(row.AsSpan(0, 4), [2000 + Math.Log(4), 1, 10, -1], 2e-3, 0, "shares");
            Assert.That(row[4..], Is.EqualTo(new float[] { -3000, 2, 1, 2 }));
        }
    }

    private static float[] Joined(
        ICommunicator communicator, EstimatorCase problem, int context, int[][] heads, int[][] tails, RewardKind reward)
    {
        int dimension = problem.Dimension;
        ItemShard shard = new ItemShards(Catalogue, communicator.Size)[communicator.Rank];
        using Matrix own = ShardParts.Rows(problem.Items, shard);
        using WorkerTeam team = new(1);
        using CatalogueMoments moments = CatalogueMoments.Compute(own, team);
        using StrataGradient kernel = new(own, moments, shard.Count, shard.Count);
        using StrataJoin join = new(communicator, 1, dimension);
        float* h = problem.Projected.RowPointer(context);
        int[] head = [.. heads[communicator.Rank].Select(a => a - shard.First)], tail = [.. tails[communicator.Rank].Select(a => a - shard.First)];
        float[] tailScores = new float[tail.Length];
        RowScores.Gather(h, own, tail, tailScores);
        StrataHead strata = new(shard.Count);
        strata.Set(h, own, head, [], []);
        double[] r = problem.RewardsOf(reward, context);
        float[] headRewards = [.. heads[communicator.Rank].Select(a => (float)r[a])];
        float[] tailRewards = reward == RewardKind.Dense ? [.. tails[communicator.Rank].Select(a => (float)r[a])] : [];
        using Matrix g = new(1, dimension);
        StrataReport report = kernel.Estimate(
            h, null, strata, headRewards, new StrataTail(own, tail, tail, tailScores, isWhole: false), tailRewards, 0, g.Pointer);
        Span<float> part = join.Own(0);
        (part[0], part[1]) = ((float)report.LogPartition, (float)report.Reward);
        new ReadOnlySpan<float>(kernel.MeanItem, dimension).CopyTo(part[2..]);
        new ReadOnlySpan<float>(kernel.MeanRewardedItem, dimension).CopyTo(part[(2 + dimension)..]);
        join.Run();
        float[] all = join.Joined(0).ToArray();
        return [all[0], all[1], .. Enumerable.Range(0, dimension).Select(l => all[2 + dimension + l] - (all[1] * all[2 + l]))];
    }
}
