using System.Globalization;
using System.IO.Hashing;
using KernelPolicy.Distributed;
using KernelPolicy.RankProgram;
using NUnit.Framework;

namespace KernelPolicy.Tests.Distributed;

/// <summary>Ranks of an mpirun. Some 0.4 s a job, most of it the start of its processes.</summary>
public class MpiRankTests
{
    private const int Repetitions = 5;

    // A table that is gathered by all, and one whose parts are joined by one rank each; of more rows than ranks and of fewer.
    [TestCase(2, 16, 17)]
    [TestCase(3, 16, 17)]
    [TestCase(3, 101, 101)]
    [TestCase(4, 3, 4001)]
    [TestCase(4, 64, 130)]
    public void Sums_have_the_bits_that_threads_give_and_the_bytes_of_the_formula(int ranks, int rows, int width)
    {
        SummedResult[] expected = new SummedResult[ranks];
        LocalRanks.Run(ranks, communicator => expected[communicator.Rank] = SummedTables.Run(communicator, rows, width, Repetitions));

        MpiRun run = MpiRun.RankProgram(ranks, "sum", $"{rows}", $"{width}", $"{Repetitions}").Succeeded();

        string[][] said = [.. Enumerable.Range(0, ranks).Select(rank => run.Words(rank, ranks))];
        long[] bytes = [.. said.Select(words => long.Parse(words[2], CultureInfo.InvariantCulture))];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(said.Select(words => words[0]), Is.All.EqualTo($"{expected[0].Hash:x16}"));
            Assert.That(expected.Select(result => result.Hash), Is.All.EqualTo(expected[0].Hash), "threads");
            Assert.That(bytes.Sum(), Is.EqualTo(Repetitions * RankReduction.TotalBytes(ranks, rows, width)));
            Assert.That(bytes, Is.EqualTo(expected.Select(result => result.Traffic.Bytes)));
            Assert.That(
                said.Select(words => long.Parse(words[1], CultureInfo.InvariantCulture)),
                Is.EqualTo(expected.Select(result => result.Traffic.Messages)));
            Assert.That(string.Join(' ', said[0][4..]), Does.Match(@"^Open MPI [45]\.\d+\.\d+$"), "carrier");
        }
    }

    [TestCase(2, 1, 0)]
    [TestCase(3, 100_003, 2)]
    [TestCase(4, 0, 1)]
    public void Broadcast_gives_all_what_the_root_has(int ranks, int bytes, int root)
    {
        byte[] values = new byte[bytes];
        new Random(root).NextBytes(values);

        MpiRun run = MpiRun.RankProgram(ranks, "broadcast", $"{bytes}", $"{root}").Succeeded();

        using (Assert.EnterMultipleScope())
        {
            for (int rank = 0; rank < ranks; rank++)
            {
                string[] words = run.Words(rank, ranks);
                Assert.That(words[0], Is.EqualTo($"{XxHash3.HashToUInt64(values):x16}"));
                Assert.That(words[2], Is.EqualTo(rank == root ? $"{(ranks - 1) * bytes}" : "0"), "bytes that it sent");
            }
        }
    }

    [Test]
    public void A_barrier_is_passed_when_all_have_come()
    {
        // Rank 0 comes last; what each saw of it is written after the barrier.
        MpiRun run = MpiRun.RankProgram(3, "barrier", "300").Succeeded();

        // Processes of one machine share the clock; a rank that did not wait would have passed some 300 ms before.
        double came = double.Parse(run.Words(0, 3)[0], CultureInfo.InvariantCulture);
        for (int rank = 0; rank < 3; rank++)
            Assert.That(double.Parse(run.Words(rank, 3)[1], CultureInfo.InvariantCulture), Is.GreaterThanOrEqualTo(came));
    }

    [Test]
    public void A_process_that_mpirun_has_not_started_is_a_rank_alone()
    {
        MpiRun.Find();
        MpiRun run = MpiRun.Command(
            [MpiRun.Dotnet, Path.Combine(AppContext.BaseDirectory, "KernelPolicy.RankProgram.dll"), "sum", "3", "5", "1"],
            TimeSpan.FromSeconds(30));
        Assert.That(run.Succeeded().Words(0, 1)[1..3], Is.EqualTo(["0", "0"]), "messages and bytes");
    }

    [Test]
    public void Ranks_know_their_number_and_their_share_of_the_processors_before_MPI_starts()
    {
        MpiRun run = MpiRun.RankProgram(2, "environment").Succeeded();
        for (int rank = 0; rank < 2; rank++)
        {
            string[] words = run.Words(rank, 2);
            Assert.That(words[..3], Is.EqualTo([$"{rank}", "2", "2"]), "rank, ranks, ranks here");
            Assert.That(int.Parse(words[3], CultureInfo.InvariantCulture), Is.InRange(1, Math.Max(1, Environment.ProcessorCount / 2)), "threads");
        }
    }
}
