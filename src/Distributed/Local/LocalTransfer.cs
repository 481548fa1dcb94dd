namespace KernelPolicy.Distributed;

/// <summary>A transfer between threads: each lays out what it sends, and takes what the others have laid out.</summary>
/// <remarks>Layouts alternate between two: a rank that starts its next transfer cannot overwrite what a slower one still reads, since
/// that one has not started its own and so holds back the one after.</remarks>
internal sealed unsafe class LocalTransfer : IRankTransfer
{
    private readonly LocalCommunicator _owner;
    private readonly LocalTransfer?[] _peers;
    private readonly byte* _source;
    private readonly byte* _destination;
    private readonly Piece[] _outgoing;
    private readonly Piece[] _incoming;
    private readonly byte[][] _layouts;
    private readonly long _first;
    private long _started;
    private bool _isRunning;

    public LocalTransfer(
        LocalCommunicator owner, LocalTransfer?[] peers, byte* source, Piece[] outgoing, byte* destination, Piece[] incoming)
    {
        (_owner, _peers, _outgoing, _incoming) = (owner, peers, outgoing, incoming);
        _source = source;
        _destination = destination;
        _first = outgoing.Min(piece => piece.Offset);
        int length = checked((int)(outgoing.Max(piece => piece.Offset + piece.Length) - _first));
        _layouts = [new byte[length], new byte[length]];
        Cost = TransferShape.Cost(owner.Rank, outgoing);
    }

    public RankTraffic Cost { get; }

    public void Start()
    {
        if (_isRunning)
            throw new InvalidOperationException("The transfer before is not done.");
        byte[] layout = _layouts[(_started + 1) & 1];
        new ReadOnlySpan<byte>(_source + _first, layout.Length).CopyTo(layout);
        _owner.Count(Cost);
        _isRunning = true;
        Volatile.Write(ref _started, _started + 1);
    }

    public bool IsDone()
    {
        if (!_isRunning)
            return true;
        foreach (ref LocalTransfer? peer in _peers.AsSpan())
        {
            if (Volatile.Read(ref peer) is not { } other || Volatile.Read(ref other._started) < _started)
            {
                _owner.ThrowIfFailed();
                return false;
            }
        }

        for (int rank = 0; rank < _peers.Length; rank++)
            Take(_peers[rank]!, _incoming[rank]);
        _isRunning = false;
        return true;
    }

    public void Dispose()
    {
    }

    private void Take(LocalTransfer peer, Piece incoming)
    {
        Piece piece = peer._outgoing[_owner.Rank];
        if (piece.Length != incoming.Length)
            throw new InvalidOperationException($"Rank {peer._owner.Rank} sends {piece.Length} bytes, rank {_owner.Rank} expects {incoming.Length}.");
        peer._layouts[_started & 1].AsSpan((int)(piece.Offset - peer._first), (int)piece.Length)
            .CopyTo(new Span<byte>(_destination + incoming.Offset, (int)incoming.Length));
    }
}
