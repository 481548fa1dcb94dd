using KernelPolicy.Kernels;

namespace KernelPolicy.Distributed;

/// <summary>Brings rows of β from the ranks that have them to rank 0, a part at a time: it never has more than a part beside its own.</summary>
/// <remarks>Collective. Not thread-safe.</remarks>
internal sealed unsafe class ShardCollection : IDisposable
{
    private readonly bool _isRoot;
    private readonly ItemShards _shards;
    private readonly ItemShard _own;
    private readonly Matrix _ownItems;
    private readonly Matrix _sent;
    private readonly Matrix _received;
    private readonly IRankTransfer[] _fromRank;

    /// <summary>Prepares the transfers.</summary>
    public ShardCollection(ICommunicator communicator, ItemShards shards, Matrix ownItems, int rowsAtOnce)
    {
        _own = ShardCheck.Own(communicator, shards, ownItems);
        (_isRoot, _shards, _ownItems) = (communicator.Rank == 0, shards, ownItems);
        _sent = new Matrix(rowsAtOnce, ownItems.Columns);
        _received = new Matrix(rowsAtOnce, ownItems.Columns);
        Rows = new Matrix(rowsAtOnce, ownItems.Columns);
        _fromRank = [.. Enumerable.Range(0, communicator.Size).Select(FromRank)];

        IRankTransfer FromRank(int rank)
        {
            Piece[] outgoing = new Piece[communicator.Size], incoming = new Piece[communicator.Size];
            Piece all = new(0, _sent.Bytes);
            if (communicator.Rank == rank)
                outgoing[0] = all;
            if (communicator.Rank == 0)
                incoming[rank] = all;
            return communicator.Prepare((byte*)_sent.Pointer, outgoing, (byte*)_received.Pointer, incoming);
        }
    }

    /// <summary>On rank 0 the rows that came last.</summary>
    public Matrix Rows { get; }

    /// <summary>Brings the rows from an item on, as many as there is room for; called by all ranks for the same items.</summary>
    public void Bring(int first)
    {
        int end = (int)Math.Min(_shards.Items, first + Rows.Rows);
        for (int rank = _shards.RankOf(first); rank < _shards.Ranks && _shards[rank].First < end; rank++)
        {
            ItemShard shard = _shards[rank];
            int from = Math.Max(first, shard.First), to = Math.Min(end, shard.End);
            if (shard == _own)
            {
                for (int item = from; item < to; item++)
                    _ownItems.PaddedRow(item - shard.First).CopyTo(_sent.PaddedRow(item - first));
            }

            _fromRank[rank].Run();
            for (int item = from; _isRoot && item < to; item++)
                _received.PaddedRow(item - first).CopyTo(Rows.PaddedRow(item - first));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (IRankTransfer transfer in _fromRank)
            transfer.Dispose();
        _sent.Dispose();
        _received.Dispose();
        Rows.Dispose();
    }
}
