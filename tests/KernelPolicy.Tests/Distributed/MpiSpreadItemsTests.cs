using KernelPolicy.Distributed;
using KernelPolicy.RankProgram;
using NUnit.Framework;

namespace KernelPolicy.Tests.Distributed;

/// <summary>A catalogue spread over the ranks of an mpirun.</summary>
public class MpiSpreadItemsTests
{
    private const int Epochs = 4;

    /// <summary>Two reductions of two rounds are under way together: rounds that ranks began in different orders would mix them up, or never
    /// end.</summary>
    [TestCase(1)]
    [TestCase(2)]
    [TestCase(3)]
    [TestCase(4)]
    public void A_training_has_the_bits_that_threads_give(int ranks)
    {
        const int B = SpreadItemsTraining.BatchSize, L = SpreadItemsTraining.Dimension;
        if (ranks > 2)
            Assert.That((RankReduction.Rounds(ranks, B, L), RankReduction.Rounds(ranks, B, (2 * L) + 2)), Is.EqualTo((2, 2)));
        SummedResult[] expected = new SummedResult[ranks];
        LocalRanks.Run(ranks, communicator => expected[communicator.Rank] = SpreadItemsTraining.Run(communicator, Epochs));
        Assert.That(expected.Select(result => result.Hash), Is.All.EqualTo(expected[0].Hash), "threads");

        MpiRun run = MpiRun.RankProgram(ranks, "items", $"{Epochs}").Succeeded();

        for (int rank = 0; rank < ranks; rank++)
        {
            Assert.That(
                run.Words(rank, ranks),
                Is.EqualTo(new[] { $"{expected[rank].Hash:x16}", $"{expected[rank].Traffic.Messages}", $"{expected[rank].Traffic.Bytes}" }), $"rank {rank}");
        }
    }
}
