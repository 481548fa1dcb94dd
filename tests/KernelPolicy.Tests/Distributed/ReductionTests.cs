using CsCheck;
using KernelPolicy.Distributed;
using KernelPolicy.RankProgram;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Distributed;

/// <summary>Sums over ranks, on ranks that are threads.</summary>
public class ReductionTests
{
    // The smallest table of three ranks that is joined in parts: 2 S − 4 S/3 > 8192 bytes, so S > 12288 = 4·3072.
    private const int LargestGathered = 3072;

    [Test]
    public void The_sum_is_that_of_the_ranks_in_their_order_bit_for_bit() =>
        Gen.Select(Gen.Int[1, 6], Gen.Int[1, 90], Gen.Int[1, 90]).Sample((n, rows, width) =>
        {
            float[][][] joined = new float[n][][];
            RankTraffic[] traffic = new RankTraffic[n];
            LocalRanks.Run(n, communicator =>
            {
                using RankSum sum = new(communicator, rows, width);
                for (int repetition = 0; repetition < 2; repetition++)
                {
                    for (int row = 0; row < rows; row++)
                        SummedTables.Fill(sum.Own(row), communicator.Rank, row, repetition);
                    sum.Run();
                }

                joined[communicator.Rank] = [.. Enumerable.Range(0, rows).Select(row => sum.Joined(row).ToArray())];
                traffic[communicator.Rank] = communicator.Traffic;
                Assert.That(traffic[communicator.Rank], Is.EqualTo(sum.Cost.Plus(sum.Cost)));
            });
            float[][] expected = [.. Enumerable.Range(0, rows).Select(row => Expected(n, row, width, 1))];
            Assert.That(joined, Is.All.EqualTo(expected), $"n = {n}, {rows} x {width}");
            Assert.That(traffic.Sum(one => one.Bytes), Is.EqualTo(2 * RankReduction.TotalBytes(n, rows, width)), $"n = {n}, {rows} x {width}");
        }, iter: 60, threads: 1);

    [Test]
    public void Ranks_are_added_in_their_order()
    {
        // 10^8 + 1 rounds to 10^8 in float: ((10^8 + 1) − 10^8) is 0, in another order it is 1.
        float[] versions = [1e8f, 1, -1e8f];
        float[] sums = new float[3];
        LocalRanks.Run(3, communicator =>
        {
            using RankSum sum = new(communicator, 1, 1);
            sum.Own(0)[0] = versions[communicator.Rank];
            sum.Run();
            sums[communicator.Rank] = sum.Joined(0)[0];
        });
        Assert.That(sums, Is.All.Zero);
    }

    [TestCase(1, 50, 50, 0, 0)]
    [TestCase(2, 1, 1, 1, 8)]
    [TestCase(2, 1000, 1000, 1, 8_000_000)]
    [TestCase(3, 1, LargestGathered, 1, 6L * 4 * LargestGathered)]
    [TestCase(3, 1, LargestGathered + 1, 2, 4L * 4 * (LargestGathered + 1))]
    [TestCase(4, 100, 100, 2, 6 * 40_000)]
    [TestCase(256, 100, 100, 2, 510 * 40_000)]
    public void Rounds_and_bytes_of_the_formula(int ranks, int rows, int width, int rounds, long bytes)
    {
        Assert.That(RankReduction.Rounds(ranks, rows, width), Is.EqualTo(rounds));
        Assert.That(RankReduction.TotalBytes(ranks, rows, width), Is.EqualTo(bytes));
    }

    // One round, two rounds, and two of which some ranks join nothing.
    [TestCase(3, 8, 8)]
    [TestCase(3, 64, 64)]
    [TestCase(5, 2, 5000)]
    public void Looked_at_now_and_then_it_is_done_too(int ranks, int rows, int width)
    {
        float[][] last = new float[ranks][];
        LocalRanks.Run(ranks, communicator =>
        {
            using RankSum sum = new(communicator, rows, width);
            for (int row = 0; row < rows; row++)
                SummedTables.Fill(sum.Own(row), communicator.Rank, row, 0);
            sum.Start();
            while (!sum.IsDone())
                Thread.Yield();
            last[communicator.Rank] = sum.Joined(rows - 1).ToArray();
        });
        Assert.That(last, Is.All.EqualTo(Expected(ranks, rows - 1, width, 0)));
    }

    [TestCase(8)]
    [TestCase(64)]
    public void What_is_not_done_is_not_started_again(int width)
    {
        LocalRanks.Run(3, communicator =>
        {
            using RankSum sum = new(communicator, width, width);
            Assert.That(sum.IsDone(), "before the first start");
            if (communicator.Rank == 0)
            {
                sum.Start();
                Assert.Throws<InvalidOperationException>(sum.Start);
            }

            communicator.Barrier();
            if (communicator.Rank != 0)
                sum.Start();
            sum.Wait();
            Assert.That(sum.IsDone(), "after its end");
            sum.Run();
        });
    }

    [TestCase(1, 50)]
    [TestCase(2, 50)]
    [TestCase(3, 100)]
    public void Nothing_is_allocated_after_its_construction(int ranks, int width)
    {
        bool isMeasured = false;
        LocalRanks.Run(ranks, communicator =>
        {
            using RankSum sum = new(communicator, width, width);
            if (communicator.Rank == 0)
            {
                // The others go on until a sum is not zero.
                Allocations.AssertNone(sum.Run);
                isMeasured = true;
                sum.Own(0)[0] = 1;
                sum.Run();
            }
            else
            {
                do
                    sum.Run();
                while (sum.Joined(0)[0] == 0);
            }
        });
        Assert.That(isMeasured);
    }

    [TestCase(0, 1)]
    [TestCase(1, 0)]
    public void Empty_tables_are_refused(int rows, int width)
    {
        using ICommunicator solo = LocalRanks.Solo();
        Assert.Throws<ArgumentOutOfRangeException>(() => new RankSum(solo, rows, width).Dispose());
    }

    private static float[] Expected(int ranks, int row, int width, int repetition)
    {
        float[] sum = new float[width], own = new float[width];
        SummedTables.Fill(sum, 0, row, repetition);
        for (int rank = 1; rank < ranks; rank++)
        {
            SummedTables.Fill(own, rank, row, repetition);
            for (int i = 0; i < width; i++)
                sum[i] += own[i];
        }

        return sum;
    }
}
