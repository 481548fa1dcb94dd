using KernelPolicy.Distributed;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Distributed;

[TestFixture]
public sealed class ShardedContextTests
{
    private const int Catalogue = 500;
    private const int Dimension = 19;
    private const int Contexts = 40;
    private const int BatchSize = 8;

    // Histories of 0, 1 and up to 600 items, more than are added in one go.
    private static readonly SparseRows Histories = SparseRows.FromLists(
        [.. Enumerable.Range(0, Contexts).Select(c => Seeded.Items(c, c < 2 ? c : c * 15, Catalogue))]);

    private static readonly int[] Chosen = [39, 0, 1, 17, 17, 5, 30, 2, 21, 12, 38];

    /// <summary>Ranks add the same numbers in another order: each sum is off by γ_n of the sizes of its n terms, and so is the other; a
    /// quotient by one rounding.</summary>
    [Test]
    public void Contexts_are_those_of_one_process([Values(1, 2, 3, 4)] int ranks, [Values(1, 3)] int threads)
    {
        using Matrix items = Seeded.Matrix(1, Catalogue, Dimension);
        HistoryContexts whole = new(Histories, items);
        float[][][] made = ShardParts.OfEach(ranks, communicator => Fill(communicator, items, threads, (contexts, x, team) => contexts.FillBatch(Chosen, x, team)));
        using Matrix expected = new(1, Dimension);
        for (int i = 0; i < Chosen.Length; i++)
        {
            whole.Fill(Chosen[i], expected, 0);
            int n = Histories[Chosen[i]].Length;
            double[] allowed = new double[Dimension];
            foreach (int item in Histories[Chosen[i]])
            {
                for (int l = 0; l < Dimension; l++)
                    allowed[l] += 2 * Close.Gamma(n + 2) * Math.Abs(items.Row(item)[l]) / n;
            }

            Close.Within(made[0][i].AsSpan(0, Dimension), Seeded.Wide(expected.Row(0)), allowed, $"x of context {Chosen[i]}");
            Assert.That(made[0][i][Dimension..], Is.All.Zero, "padding");
            if (ranks == 1)
                Assert.That(made[0][i], Is.EqualTo(expected.PaddedRow(0).ToArray()), "a rank alone");
        }

        foreach (float[][] other in made)
            Assert.That(other, Is.EqualTo(made[0]));
    }

    /// <summary>What is announced is summed once, and only the asking decides what comes out.</summary>
    [Test]
    public void An_announced_batch_is_the_same_and_costs_no_more([Values(1, 2, 3, 4)] int ranks)
    {
        using Matrix items = Seeded.Matrix(1, Catalogue, Dimension);
        int[] first = Chosen[..BatchSize], second = [4, 5, 6];
        float[][] plain = [], announced = [];
        LocalRanks.Run(ranks, communicator =>
        {
            long bytes = RankReduction.TotalBytes(ranks, BatchSize, Dimension);
            float[][] a = Fill(communicator, items, 1, (contexts, x, team) => contexts.FillBatch(second, x, team));
            float[][] b = Fill(communicator, items, 1, (contexts, x, team) =>
            {
                RankTraffic before = communicator.Traffic;
                contexts.Announce(first, team);
                contexts.Advance();
                contexts.FillBatch(first, x, team);
                contexts.Announce(second, team);
                contexts.FillBatch(second, x, team);
                // All ranks send alike but for the rows of 8 that each joins, which 1, 2 and 4 divide.
                if (ranks != 3)
                    Assert.That(communicator.Traffic.Since(before).Bytes * ranks, Is.EqualTo(2 * bytes));
                // In vain, and more than fit.
                contexts.Announce(first, team);
                contexts.Announce(Chosen, team);
                contexts.Announce([], team);
                contexts.FillBatch(second, x, team);
            });
            if (communicator.Rank == 0)
                (plain, announced) = (a, b);
        });
        Assert.That(announced[..second.Length], Is.EqualTo(plain[..second.Length]));
    }

    /// <summary>Sums that are announced go two rounds beside the join of the batch before: neither takes the other's.</summary>
    [Test]
    public void An_announced_sum_goes_on_beside_another_reduction([Values(2, 3, 4)] int ranks)
    {
        const int Wide = 400;
        using Matrix items = Seeded.Matrix(1, Catalogue, Wide);
        Assert.That(RankReduction.Rounds(ranks, 64, Wide), Is.EqualTo(ranks == 2 ? 1 : 2));
        int[] all = [.. Enumerable.Range(0, Contexts)];
        LocalRanks.Run(ranks, communicator =>
        {
            using Case own = new(communicator, items, 64);
            using Matrix expected = new(64, Wide), x = new(64, Wide);
            own.Contexts.FillBatch(all, expected, own.Team);
            using RankSum other = new(communicator, 64, Wide);
            for (int i = 0; i < 50; i++)
            {
                own.Contexts.Announce(all, own.Team);
                for (int row = 0; row < 64; row++)
                    other.Own(row).Fill(i + row);
                own.Contexts.Advance();
                other.Run();
                own.Contexts.FillBatch(all, x, own.Team);
                Assert.That(ShardParts.Values(x), Is.EqualTo(ShardParts.Values(expected)));
                Assert.That(other.Joined(63).ToArray(), Is.All.EqualTo(ranks * (i + 63f)));
            }
        });
    }

    [Test]
    public void What_does_not_fit_is_refused()
    {
        using Matrix items = Seeded.Matrix(1, Catalogue, Dimension), few = new(3, Dimension), narrow = new(20, Dimension - 1);
        using ICommunicator solo = LocalRanks.Solo();
        using Case own = new(solo, items, BatchSize);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(() => own.Contexts.Fill(0, items, 0), Throws.TypeOf<NotSupportedException>().With.Message.Contains("FillBatch"));
            Assert.That(() => own.Contexts.FillBatch(Chosen, few, own.Team), Throws.ArgumentException);
            Assert.That(() => own.Contexts.FillBatch(Chosen, narrow, own.Team), Throws.ArgumentException);
            Assert.That(
                () => new ShardedHistoryContexts(solo, new ItemShards(Catalogue, 2), items, Histories, 4),
                Throws.ArgumentException.With.Message.Contains("2 shards, but there are 1 ranks"));
            Assert.That(
                () => new ShardedHistoryContexts(solo, new ItemShards(Catalogue + 1, 1), items, Histories, 4),
                Throws.ArgumentException.With.Message.Contains("β has 500 rows"));
            Assert.That(
                () => new ShardedHistoryContexts(solo, new ItemShards(Catalogue, 1), items, SparseRows.FromLists([[Catalogue]]), 4),
                Throws.ArgumentException.With.Message.Contains("item 500"));
            Assert.That(
                () => new ShardedHistoryContexts(solo, new ItemShards(Catalogue, 1), items, Histories, 0), Throws.TypeOf<ArgumentOutOfRangeException>());
        }
    }

    private static float[][] Fill(
        ICommunicator communicator, Matrix items, int threads, Action<ShardedHistoryContexts, Matrix, WorkerTeam> fill)
    {
        using Case own = new(communicator, items, BatchSize, threads);
        using Matrix x = new(Chosen.Length, Dimension);
        foreach (int row in Enumerable.Range(0, Chosen.Length))
            x.PaddedRow(row).Fill(7);
        fill(own.Contexts, x, own.Team);
        return [.. Enumerable.Range(0, Chosen.Length).Select(row => x.PaddedRow(row).ToArray())];
    }

    private sealed class Case : IDisposable
    {
        private readonly Matrix _own;

        public Case(ICommunicator communicator, Matrix items, int batchSize, int threads = 1)
        {
            ItemShards shards = new(Catalogue, communicator.Size);
            _own = ShardParts.Rows(items, shards[communicator.Rank]);
            Team = new WorkerTeam(threads);
            Contexts = new ShardedHistoryContexts(communicator, shards, _own, Histories, batchSize);
        }

        public WorkerTeam Team { get; }

        public ShardedHistoryContexts Contexts { get; }

        public void Dispose()
        {
            Contexts.Dispose();
            Team.Dispose();
            _own.Dispose();
        }
    }
}
