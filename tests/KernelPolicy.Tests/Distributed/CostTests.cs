using CsCheck;
using KernelPolicy.Distributed;
using NUnit.Framework;

namespace KernelPolicy.Tests.Distributed;

/// <summary>The model of reductions, steps and epochs: by hand, and against what ranks count.</summary>
public class CostTests
{
    // 1 ms, 1 MB/s, 10 µs: what is summed stays apart.
    private static readonly LinkModel Link = new(1e-3, 1e6, 1e-5);

    private static readonly LinkModel Announcing = new(1e-3, 1e6, 1e-5) { HandshakeBytes = 4000 };

    // A sum of three numbers of known size is within three roundings.
    private const double Rounding = 1e-12;

    [TestCase(1, 10, 10, 0)]
    [TestCase(2, 10, 100, 1e-3 + 1e-5 + 4e-3, Description = "one round, one message of the table")]
    [TestCase(3, 1, 10, 1e-3 + 2e-5 + 80e-6, Description = "one round, two messages")]
    [TestCase(4, 40, 100, 2e-3 + 6e-5 + (12e-3 + 12e-3), Description = "two rounds, three parts of 4 kB each time")]
    [TestCase(4, 3, 4000, 2e-3 + 5e-5 + (32e-3 + 48e-3), Description = "a rank without a row: two messages out, three back")]
    public void A_reduction_takes_its_rounds_messages_and_bytes(int ranks, int rows, int width, double expected) =>
        Assert.That(Link.ReductionSeconds(ranks, rows, width), Is.EqualTo(expected).Within(Rounding));

    [TestCase(2, 10, 99, 1)]
    [TestCase(2, 10, 100, 3)]
    [TestCase(4, 39, 100, 6, Description = "parts of 3900 and 4000 bytes")]
    [TestCase(4, 36, 100, 2, Description = "parts of 3600 bytes")]
    [TestCase(1, 10, 100, 0)]
    public void Messages_that_are_announced_wait_for_the_answer(int ranks, int rows, int width, int latencies)
    {
        double others = Link.ReductionSeconds(ranks, rows, width) - (RankReduction.Rounds(ranks, rows, width) * 1e-3);
        Assert.That(Announcing.ReductionSeconds(ranks, rows, width), Is.EqualTo((latencies * 1e-3) + others).Within(Rounding));
    }

    [Test]
    public void What_the_model_takes_for_sent_is_what_ranks_count() =>
        Gen.Select(Gen.Int[1, 6], Gen.Int[1, 90], Gen.Int[1, 90]).Sample((n, rows, width) =>
        {
            RankTraffic[] counted = new RankTraffic[n];
            LocalRanks.Run(n, communicator =>
            {
                using RankSum sum = new(communicator, rows, width);
                sum.Run();
                counted[communicator.Rank] = communicator.Traffic;
            });
            RankTraffic expected = RankReduction.LargestCost(n, rows, width);
            return counted[^1] == expected && counted.All(one => one.Bytes <= expected.Bytes && one.Messages <= expected.Messages);
        }, iter: 100, threads: 1);

    [Test]
    public void The_model_has_the_table_that_a_training_sums() =>
        Gen.Select(Gen.Int[1, 300], Gen.Int[1, 300]).Sample((n, dimension) =>
            new SpreadModel(Link, n, dimension).ContextsSpreadBytes == SpreadGradient.TotalBytes(n, dimension));

    [Test]
    public void Contexts_spread_wait_for_what_retrieval_does_not_hide()
    {
        SpreadModel model = new(Link, ranks: 2, dimension: 10);
        // ⌈(100 + 15 + 2) / 64⌉ = 2 rows of 64: 512 bytes, so 1 ms + 10 µs + 512 µs.
        Assert.That(model.GradientRows, Is.EqualTo(2));
        Assert.That(model.ContextsSpreadBytes, Is.EqualTo(2 * 512));
        SpreadStep step = model.ContextsSpread(new ContextCost(RetrievalSeconds: 1e-4, RestSeconds: 3e-4), batchSize: 5);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(step.Contexts, Is.EqualTo(10));
            Assert.That(step.ComputeSeconds, Is.EqualTo(2e-3).Within(Rounding));
            Assert.That(step.CommunicationSeconds, Is.EqualTo(1.522e-3).Within(Rounding));
            Assert.That(step.WaitingSeconds, Is.EqualTo(1.022e-3).Within(Rounding));
            Assert.That(step.Seconds, Is.EqualTo(3.022e-3).Within(Rounding));
            Assert.That(step.EpochSeconds(101), Is.EqualTo(11 * 3.022e-3).Within(Rounding));
        }

        Assert.That(model.ContextsSpread(new ContextCost(1e-3, 0), 2).WaitingSeconds, Is.Zero, "retrieval of 2 ms hides it");
    }

    [Test]
    public void Items_spread_wait_for_the_join_and_for_sums_that_outlast_the_batch()
    {
        SpreadModel model = new(Link, ranks: 2, dimension: 10);
        // Rows of 22 and of 10 numbers: 5 contexts are 440 and 200 bytes.
        Assert.That(model.ItemsSpreadBytes(5), Is.EqualTo(2 * (440 + 200)));
        SpreadStep hidden = model.ItemsSpread(new ContextCost(1e-4, 3e-4), batchSize: 5);
        SpreadStep seen = model.ItemsSpread(new ContextCost(1e-5, 3e-5), batchSize: 5);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(hidden.Contexts, Is.EqualTo(5));
            Assert.That(hidden.CommunicationSeconds, Is.EqualTo(1.45e-3 + 1.21e-3).Within(Rounding));
            Assert.That(hidden.WaitingSeconds, Is.EqualTo(1.45e-3).Within(Rounding));
            Assert.That(seen.WaitingSeconds, Is.EqualTo(1.45e-3 + 1.21e-3 - 2e-4).Within(Rounding));
        }
    }

    [Test]
    public void A_machine_alone_waits_for_nobody()
    {
        SpreadModel model = new(Link, ranks: 1, dimension: 10);
        ContextCost cost = new(1e-4, 3e-4);
        Assert.That(model.ContextsSpread(cost, 7).Seconds, Is.EqualTo(7 * 4e-4).Within(Rounding));
        Assert.That(model.ItemsSpread(cost, 7).Seconds, Is.EqualTo(7 * 4e-4).Within(Rounding));
        Assert.That(SpreadModel.BatchSizeBelow(batch => model.ContextsSpread(cost, batch), 0.2), Is.EqualTo(1));
    }

    [TestCase(0.2)]
    [TestCase(0.05)]
    public void The_batch_is_the_smallest_that_waits_for_less(double share)
    {
        SpreadModel model = new(Link, ranks: 4, dimension: 100);
        ContextCost cost = new(2e-5, 1e-5);
        int batch = SpreadModel.BatchSizeBelow(size => model.ContextsSpread(cost, size), share)!.Value;

        // (c − r B) / (c + q B) < s where B > c (1 − s) / (r + s q): c communication, r retrieval, q the rest.
        double c = model.ContextsSpread(cost, 1).CommunicationSeconds;
        Assert.That(batch, Is.EqualTo((int)Math.Floor(c * (1 - share) / (2e-5 + (share * 1e-5))) + 1));
    }

    [Test]
    public void Rows_that_take_longer_than_their_contexts_are_never_a_small_share()
    {
        // 88 bytes a context at 1 MB/s are 88 µs; a fifth of the step would need 352 µs of computing.
        SpreadModel model = new(Link, ranks: 2, dimension: 10);
        Assert.That(SpreadModel.BatchSizeBelow(batch => model.ItemsSpread(new ContextCost(1e-4, 2e-4), batch), 0.2), Is.Null);
        Assert.That(SpreadModel.BatchSizeBelow(batch => model.ItemsSpread(new ContextCost(1e-4, 3e-4), batch), 0.2), Is.Not.Null);
    }

    [TestCase(-1, 1, 0)]
    [TestCase(0, 0, 0)]
    [TestCase(0, 1, -1)]
    [TestCase(double.NaN, 1, 0)]
    [TestCase(0, double.PositiveInfinity, 0)]
    public void Networks_that_there_are_not_are_refused(double latency, double rate, double message) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new LinkModel(latency, rate, message));

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(double.NaN)]
    public void Shares_lie_within_0_and_1(double share) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => SpreadModel.BatchSizeBelow(_ => default, share));
}
