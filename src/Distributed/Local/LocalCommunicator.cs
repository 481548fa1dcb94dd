namespace KernelPolicy.Distributed;

/// <summary>A rank that is a thread.</summary>
internal sealed class LocalCommunicator(LocalRanks ranks, int rank, bool ownsRanks = false) : ICommunicator
{
    private int _prepared;

    public int Rank => rank;

    public int Size => ranks.Size;

    public string Host => Environment.MachineName;

    public string Carrier => "threads of one process";

    public RankTraffic Traffic { get; private set; }

    public unsafe IRankTransfer Prepare(byte* source, ReadOnlySpan<Piece> outgoing, byte* destination, ReadOnlySpan<Piece> incoming)
    {
        TransferShape.Check(Size, source, outgoing, destination, incoming);
        LocalTransfer[] peers = ranks.Peers(_prepared++);
        LocalTransfer transfer = new(this, peers, source, outgoing.ToArray(), destination, incoming.ToArray());
        Volatile.Write(ref peers[rank], transfer);
        return transfer;
    }

    public void Broadcast(Span<byte> values, int root = 0)
    {
        if ((uint)root >= (uint)Size)
            throw new ArgumentOutOfRangeException(nameof(root), root, $"Ranks are 0 to {Size - 1}.");
        Traffic = Traffic.Plus(rank == root && Size > 1 ? new RankTraffic(Size - 1, (Size - 1L) * values.Length) : default);
        ranks.Broadcast(values, rank == root);
    }

    public void Barrier() => ranks.Meet();

    public void Abort(int exitCode) => throw new RankFailedException($"Rank {rank} ends all ranks with exit code {exitCode}.");

    public void Dispose()
    {
        if (ownsRanks)
            ranks.Dispose();
    }

    internal void Count(RankTraffic cost) => Traffic = Traffic.Plus(cost);

    internal void ThrowIfFailed() => ranks.ThrowIfFailed();
}
