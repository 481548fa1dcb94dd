using System.Collections.Concurrent;
using KernelPolicy.Distributed;
using NUnit.Framework;

namespace KernelPolicy.Tests.Distributed;

/// <summary>Ranks that are threads: who they are, how they meet, and how they end.</summary>
public class LocalRanksTests
{
    [TestCase(1)]
    [TestCase(5)]
    public void Each_rank_runs_once_under_its_number(int size)
    {
        ConcurrentBag<(int, int)> seen = [];
        LocalRanks.Run(size, communicator => seen.Add((communicator.Rank, communicator.Size)));
        Assert.That(seen, Is.EquivalentTo(Enumerable.Range(0, size).Select(rank => (rank, size))));
    }

    [TestCase(0)]
    [TestCase(-1)]
    [TestCase(LocalRanks.MostRanks + 1)]
    public void Numbers_of_ranks_out_of_range_are_refused(int size) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => LocalRanks.Run(size, _ => { }));

    [Test]
    public void A_rank_alone_exchanges_with_itself_and_sends_nothing()
    {
        using ICommunicator solo = LocalRanks.Solo();
        byte[] values = [1, 2, 3];
        solo.Broadcast(values);
        solo.Barrier();
        using (Assert.EnterMultipleScope())
        {
            Assert.That((solo.Rank, solo.Size), Is.EqualTo((0, 1)));
            Assert.That(values, Is.EqualTo(new byte[] { 1, 2, 3 }));
            Assert.That(solo.Traffic, Is.EqualTo(default(RankTraffic)));
        }
    }

    [Test]
    public void Nobody_passes_a_barrier_before_all_have_come()
    {
        const int size = 4;
        int came = 0;
        ConcurrentBag<int> seen = [];
        LocalRanks.Run(size, communicator =>
        {
            for (int round = 1; round <= 20; round++)
            {
                Interlocked.Increment(ref came);
                communicator.Barrier();
                seen.Add(Volatile.Read(ref came) - (round * size));
                communicator.Barrier();
            }
        });
        Assert.That(seen, Is.All.Zero);
    }

    [TestCase(0)]
    [TestCase(2)]
    public void Broadcast_gives_all_what_the_root_has_and_the_root_counts_it(int root)
    {
        const int size = 3;
        byte[][] values = [.. Enumerable.Range(0, size).Select(rank => new byte[] { (byte)rank, 7, (byte)(rank * 3) })];
        RankTraffic[] traffic = new RankTraffic[size];
        LocalRanks.Run(size, communicator =>
        {
            communicator.Broadcast(values[communicator.Rank], root);
            traffic[communicator.Rank] = communicator.Traffic;
        });
        using (Assert.EnterMultipleScope())
        {
            Assert.That(values, Is.All.EqualTo(new byte[] { (byte)root, 7, (byte)(root * 3) }));
            for (int rank = 0; rank < size; rank++)
                Assert.That(traffic[rank], Is.EqualTo(rank == root ? new RankTraffic(size - 1, (size - 1) * 3) : default));
        }
    }

    [TestCase(-1)]
    [TestCase(2)]
    public void Broadcast_from_a_rank_that_is_not_there_is_refused(int root) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => LocalRanks.Run(2, communicator => communicator.Broadcast(new byte[1], root)));

    [Test]
    public void Broadcast_of_another_length_is_refused()
    {
        ArgumentException? e = Assert.Throws<ArgumentException>(
            () => LocalRanks.Run(2, communicator => communicator.Broadcast(new byte[3 + communicator.Rank])));
        Assert.That(e!.Message, Does.Contain("3 bytes").And.Contain("expects 4"));
    }

    /// <summary>How the others wait for the rank that fails.</summary>
    public enum Waiting
    {
        Barrier,
        Broadcast,
        Reduction,
    }

    [Test]
    public void The_others_are_stopped_where_a_rank_fails_and_its_reason_is_thrown([Values] Waiting waiting, [Values(0, 1, 2)] int failing)
    {
        ConcurrentBag<int> stopped = [];
        InvalidDataException? e = Assert.Throws<InvalidDataException>(() => LocalRanks.Run(3, communicator =>
        {
            communicator.Barrier();
            if (communicator.Rank == failing)
            {
                Thread.Sleep(20);
                throw new InvalidDataException("this rank's own");
            }

            Assert.Throws<RankFailedException>(() => Wait(communicator, waiting, root: failing));
            stopped.Add(communicator.Rank);
        }));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(e!.Message, Is.EqualTo("this rank's own"));
            Assert.That(stopped, Is.EquivalentTo(Enumerable.Range(0, 3).Except([failing])));
        }
    }

    [Test]
    public void Abort_ends_all_and_names_the_rank()
    {
        RankFailedException? e = Assert.Throws<RankFailedException>(() => LocalRanks.Run(3, communicator =>
        {
            if (communicator.Rank == 1)
                communicator.Abort(7);
            communicator.Barrier();
        }));
        Assert.That(e!.Message, Does.Contain("Rank 1").And.Contain("exit code 7"));
    }

    private static void Wait(ICommunicator communicator, Waiting waiting, int root)
    {
        switch (waiting)
        {
            case Waiting.Barrier:
                communicator.Barrier();
                break;
            case Waiting.Broadcast:
                communicator.Broadcast(new byte[1], root);
                break;
            default:
                using (RankSum sum = new(communicator, 3, 3))
                    sum.Run();
                break;
        }
    }
}
