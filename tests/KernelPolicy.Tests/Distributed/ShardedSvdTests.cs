using KernelPolicy.Data;
using KernelPolicy.Distributed;
using KernelPolicy.Kernels;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Distributed;

/// <summary>Item factors by ranks that each have some items.</summary>
[TestFixture]
public sealed class ShardedSvdTests
{
    private const int Users = 90;
    private const int Items = 70;
    private const int Rank = 6;

    // Six groups of users who took most of six groups of items, and a little besides: singular values well apart.
    private static readonly SparseRows Rows = SparseRows.FromLists([.. Enumerable.Range(0, Users).Select(Taken)]);

    /// <summary>
    /// Tolerance: that of one process against a dense decomposition, 2e-5 of the largest singular value (TruncatedSvdTests), which holds for
    /// either. A factor turns into its neighbours by that over the gap of their squares: the least gap here is a fiftieth of the largest
    /// square, which the test looks at, so that V Σ is off by 2 · 2e-5 · σ₁ · 50, in the norm of a column and so in each entry.
    /// </summary>
    [Test]
    public void Factors_are_those_of_one_process([Values(1, 2, 3, 4)] int ranks, [Values(0f, 1f)] float power)
    {
        SvdOptions options = new() { Rank = Rank, Oversampling = 10, PowerIterations = 12, SingularPower = power, Seed = 3 };
        using WorkerTeam team = new(1);
        SvdResult expected = TruncatedSvd.Compute(Rows, Items, options, team);
        using Matrix beta = expected.ItemFactors;
        double largest = expected.SingularValues[0];
        for (int j = 1; j < Rank; j++)
            Assert.That(Square(j - 1) - Square(j), Is.GreaterThan(0.02 * Square(0)), "singular values lie apart");
        (float[] Beta, double[] Values)[] made = ShardParts.OfEach(ranks, communicator => Decompose(communicator, options));
        float[] all = [.. made.SelectMany(part => part.Beta)];
        if (ranks == 1)
            Assert.That(all, Is.EqualTo(ShardParts.Values(beta)), "bit for bit");
        // V Σ^p is V Σ over Σ^(1 − p).
        double allowed = 2 * 2e-5 * 50 * largest / Math.Pow(expected.SingularValues[^1], 1 - power);
        Close.Values(all, Seeded.Wide(ShardParts.Values(beta)), allowed, 0, "β");
        foreach ((_, double[] values) in made)
        {
            Assert.That(values, Is.EqualTo(made[0].Values), "the same on all ranks");
            Close.Values(values, expected.SingularValues, 2 * 2e-5 * largest, 0, "σ");
        }

        double Square(int j) => expected.SingularValues[j] * expected.SingularValues[j];
    }

    /// <summary>No process has more of the items' side than its own rows, nor sends it: what is sent are tables [users, l], matrices [l, l] and
    /// [n, L] signs.</summary>
    [Test]
    public void Bytes_do_not_grow_with_the_items([Values(2, 4)] int ranks)
    {
        SvdOptions options = new() { Rank = Rank, Oversampling = 10, PowerIterations = 3 };
        const int Width = 16;
        long[] bytes = ShardParts.OfEach(ranks, communicator =>
        {
            RankTraffic before = communicator.Traffic;
            Decompose(communicator, options);
            return communicator.Traffic.Since(before).Bytes;
        });
        long expected = (4 * RankReduction.TotalBytes(ranks, Users, Width)) + (5 * RankReduction.TotalBytes(ranks, Width * Width, 2))
            + RankReduction.TotalBytes(ranks, 1, 2) + RankReduction.TotalBytes(ranks, ranks * Rank, 2);
        Assert.That(bytes.Sum(), Is.EqualTo(expected));
    }

    [Test]
    public void What_does_not_fit_is_refused()
    {
        using WorkerTeam team = new(1);
        SvdOptions options = new() { Rank = 2 };
        SvdShard shard = new(0, 1, 0, Items, Items, _ => { }, _ => { });
        using (Assert.EnterMultipleScope())
        {
            Refused<ArgumentOutOfRangeException>(Rows, shard with { Number = 1 });
            Refused<ArgumentOutOfRangeException>(Rows, shard with { FirstItem = 1 });
            Refused<ArgumentOutOfRangeException>(Rows, shard with { OwnItems = 0 });
            Refused<ArgumentException>(Rows, shard with { OwnItems = Items - 20 });
            Refused<ArgumentNullException>(Rows, shard with { SumTables = null! });
            Refused<ArgumentException>(SparseRows.FromLists([[], []]), shard);
        }

        void Refused<T>(SparseRows rows, SvdShard wrong)
            where T : Exception => Assert.That(() => TruncatedSvd.ComputeShard(rows, wrong, options, team), Throws.TypeOf<T>());
    }

    private static (float[] Beta, double[] Values) Decompose(ICommunicator communicator, SvdOptions options)
    {
        ItemShard shard = new ItemShards(Items, communicator.Size)[communicator.Rank];
        using TableSums sums = new(communicator);
        using WorkerTeam team = new(1);
        SvdResult result = TruncatedSvd.ComputeShard(
            shard.PartOf(Rows), new SvdShard(communicator.Rank, communicator.Size, shard.First, shard.Count, Items, sums.Sum, sums.Sum), options, team);
        using Matrix own = result.ItemFactors;
        Assert.That(own.Rows, Is.EqualTo(shard.Count));
        return (ShardParts.Values(own), result.SingularValues);
    }

    private static int[] Taken(int user)
    {
        int group = Group(user, Users);
        return [.. Enumerable.Range(0, Items).Where(item => (Group(item, Items) == group && (user + (3 * item)) % 9 != 0) || (user * 13 + item * 7) % 41 == 0)];
    }

    // Groups of sizes that fall: 6, 5, ... of 21 parts.
    private static int Group(int number, int count)
    {
        int part = number * 21 / count, group = 0;
        for (int end = 6; part >= end; end += 6 - group)
            group++;
        return group;
    }
}
