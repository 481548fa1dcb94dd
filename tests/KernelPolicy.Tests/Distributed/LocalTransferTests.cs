using System.Runtime.InteropServices;
using CsCheck;
using KernelPolicy.Distributed;
using NUnit.Framework;

namespace KernelPolicy.Tests.Distributed;

/// <summary>Transfers between ranks that are threads, and the checks that those of MPI share.</summary>
public unsafe class LocalTransferTests
{
    // Two addresses that nothing is read from.
    private static readonly byte* A = (byte*)64, B = (byte*)128;

    [Test]
    public void Each_rank_has_the_piece_that_each_other_sent_it() =>
        Gen.Int[1, 5].SelectMany(n => Gen.Int[0, 9].Array[n * n]).Sample(lengths =>
        {
            int n = (int)Math.Sqrt(lengths.Length);
            LocalRanks.Run(n, communicator =>
            {
                int rank = communicator.Rank;
                Piece[] outgoing = Laid([.. Enumerable.Range(0, n).Select(peer => lengths[(rank * n) + peer])]);
                Piece[] incoming = Laid([.. Enumerable.Range(0, n).Select(peer => lengths[(peer * n) + rank])]);
                using Bytes source = new(outgoing), destination = new(incoming);
                using IRankTransfer transfer = communicator.Prepare(source.First, outgoing, destination.First, incoming);
                long bytes = 0, messages = 0;
                for (int round = 0; round < 4; round++)
                {
                    for (int peer = 0; peer < n; peer++)
                        source.Of(outgoing[peer]).Fill(Mark(rank, peer, round));

                    // Ranks that are late by turns: a fast one must not overwrite what a slow one has yet to take.
                    if (round % n == rank)
                        Thread.Yield();
                    transfer.Run();
                    for (int peer = 0; peer < n; peer++)
                    {
                        Assert.That(destination.Of(incoming[peer]).ToArray(), Is.All.EqualTo(Mark(peer, rank, round)));
                        (messages, bytes) = peer == rank ? (messages, bytes) : (messages + Math.Min(1, outgoing[peer].Length), bytes + outgoing[peer].Length);
                    }
                }

                Assert.That(communicator.Traffic, Is.EqualTo(new RankTraffic(messages, bytes)));
            });
        }, iter: 60, threads: 1);

    [Test]
    public void One_piece_may_go_to_all()
    {
        const int n = 3;
        LocalRanks.Run(n, communicator =>
        {
            Piece[] incoming = Laid([4, 4, 4]);
            using Bytes source = new([new Piece(0, 4)]), destination = new(incoming);
            source.Of(new Piece(0, 4)).Fill((byte)(10 + communicator.Rank));
            using IRankTransfer transfer = communicator.Prepare(source.First, [.. Enumerable.Repeat(new Piece(0, 4), n)], destination.First, incoming);
            transfer.Run();
            Assert.That(destination.Of(new Piece(0, 12)).ToArray(), Is.EqualTo(new byte[] { 10, 10, 10, 10, 11, 11, 11, 11, 12, 12, 12, 12 }));
        });
    }

    [Test]
    public void Two_transfers_are_under_way_at_once()
    {
        LocalRanks.Run(2, communicator =>
        {
            Piece[] pieces = Laid([1, 1]);
            using Bytes source = new(pieces), first = new(pieces), second = new(pieces);
            using IRankTransfer one = communicator.Prepare(source.First, pieces, first.First, pieces);
            using IRankTransfer two = communicator.Prepare(source.First, pieces, second.First, pieces);
            source.Of(new Piece(0, 2)).Fill((byte)(1 + communicator.Rank));
            one.Start();
            two.Start();
            two.Wait();
            one.Wait();
            Assert.That(first.Of(new Piece(0, 2)).ToArray(), Is.EqualTo(new byte[] { 1, 2 }));
            Assert.That(second.Of(new Piece(0, 2)).ToArray(), Is.EqualTo(new byte[] { 1, 2 }));
        });
    }

    [Test]
    public void What_is_not_done_is_not_started_again_and_nothing_started_is_done()
    {
        LocalRanks.Run(2, communicator =>
        {
            Piece[] pieces = Laid([1, 1]);
            using Bytes source = new(pieces), destination = new(pieces);
            using IRankTransfer transfer = communicator.Prepare(source.First, pieces, destination.First, pieces);
            Assert.That(transfer.IsDone(), "before the first start");
            if (communicator.Rank == 0)
            {
                transfer.Start();
                Assert.That(transfer.IsDone(), Is.False, "the other has not begun");
                Assert.Throws<InvalidOperationException>(transfer.Start);
            }

            communicator.Barrier();
            if (communicator.Rank == 1)
                transfer.Start();
            transfer.Wait();
            Assert.That(transfer.IsDone(), "after its end");
        });
    }

    [Test]
    public void Ranks_that_disagree_on_a_length_are_told()
    {
        InvalidOperationException? e = Assert.Throws<InvalidOperationException>(() => LocalRanks.Run(2, communicator =>
        {
            Piece[] outgoing = Laid([2, 2]), incoming = Laid([2, 2 + communicator.Rank]);
            using Bytes source = new(outgoing), destination = new(incoming);
            using IRankTransfer transfer = communicator.Prepare(source.First, outgoing, destination.First, incoming);
            transfer.Run();
        }));
        Assert.That(e!.Message, Does.Contain("Rank 1 sends 2 bytes, rank 1 expects 3"));
    }

    [Test]
    public void One_buffer_for_both_ways_is_refused()
    {
        Assert.Throws<ArgumentException>(() => TransferShape.Check(1, A, [default], A, [default]));
    }

    [TestCase(0, 1)]
    [TestCase(1, 2)]
    public void Pieces_that_are_not_one_a_rank_are_refused(int outgoing, int incoming)
    {
        ArgumentException? e = Assert.Throws<ArgumentException>(() => TransferShape.Check(1, A, new Piece[outgoing], B, new Piece[incoming]));
        Assert.That(e!.Message, Does.Contain($"{outgoing} pieces to send and {incoming} to receive"));
    }

    [TestCase(0, -1)]
    [TestCase(-1, 0)]
    [TestCase(0, int.MaxValue + 1L)]
    [TestCase(int.MaxValue + 1L, 0)]
    public void Pieces_that_32_bits_do_not_hold_are_refused_on_either_way(long offset, long length)
    {
        Assert.Throws<ArgumentException>(() => TransferShape.Check(1, A, [new Piece(offset, length)], B, [default]));
        Assert.Throws<ArgumentException>(() => TransferShape.Check(1, A, [default], B, [new Piece(offset, length)]));
    }

    [Test]
    public void Only_what_goes_to_others_costs()
    {
        Piece[] pieces = [new(0, 5), new(5, 0), new(5, 7), new(0, 12)];
        Assert.That(TransferShape.Cost(0, pieces), Is.EqualTo(new RankTraffic(2, 19)));
        Assert.That(TransferShape.Cost(3, pieces), Is.EqualTo(new RankTraffic(2, 12)));
    }

    private static byte Mark(int from, int to, int round) => (byte)((from * 31) + (to * 7) + round);

    private static Piece[] Laid(int[] lengths)
    {
        Piece[] pieces = new Piece[lengths.Length];
        long offset = 0;
        for (int i = 0; i < lengths.Length; i++)
        {
            pieces[i] = new Piece(offset, lengths[i]);
            offset += lengths[i];
        }

        return pieces;
    }

    private sealed class Bytes(Piece[] pieces) : IDisposable
    {
        public byte* First { get; } = (byte*)NativeMemory.AllocZeroed((nuint)(1 + pieces.Max(piece => piece.Offset + piece.Length)));

        public Span<byte> Of(Piece piece) => new(First + piece.Offset, (int)piece.Length);

        public void Dispose() => NativeMemory.Free(First);
    }
}
