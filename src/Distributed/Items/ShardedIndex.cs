using System.Globalization;
using KernelPolicy.Index;
using KernelPolicy.Kernels;

namespace KernelPolicy.Distributed;

/// <summary>
/// An index over a catalogue that lies in shards: each rank searches its own items, all exchange what they found, and each has the top K
/// of the whole, the same bit for bit.
/// </summary>
/// <remarks>
/// <para>Merged by score, ties to the smaller item number: over exact indexes that is the exact top K. A search sends 8 K bytes a query
/// from each rank to every other.</para>
/// <para>Collective, like its communicator: all ranks search for the same queries, and one search at a time, other than
/// <see cref="IMipsIndex"/> allows. Nothing is allocated by a search like the one before, without a filter.</para>
/// </remarks>
public sealed unsafe class ShardedIndex : IMipsIndex
{
    private const int MostQueries = 256;

    private readonly ICommunicator _communicator;
    private readonly IMipsIndex _own;
    private readonly ItemShard _shard;
    private Exchange? _exchange;

    /// <summary>Wraps the index over this rank's items.</summary>
    /// <param name="communicator">The ranks; it stays the caller's.</param>
    /// <param name="shards">Which items are whose.</param>
    /// <param name="own">The index over this rank's items; it stays the caller's.</param>
    /// <param name="items">β [P, L] as the problem has it: a shape will do, since no value of it is read.</param>
    /// <exception cref="ArgumentException">The parts do not fit.</exception>
    public ShardedIndex(ICommunicator communicator, ItemShards shards, IMipsIndex own, Matrix items)
    {
        ArgumentNullException.ThrowIfNull(own);
        ArgumentNullException.ThrowIfNull(items);
        _shard = ShardCheck.Own(communicator, shards, own.Items);
        if (items.Rows != shards.Items || items.Columns != own.Items.Columns)
        {
            throw new ArgumentException(
                $"β is [{items.Rows}, {items.Columns}]; {shards.Items} items lie in shards, with {own.Items.Columns} dimensions.", nameof(items));
        }

        (_communicator, _own, Items) = (communicator, own, items);
        Description = communicator.Size == 1
            ? own.Description
            : string.Create(CultureInfo.InvariantCulture, $"{own.Description}/{communicator.Size} shards");
    }

    /// <inheritdoc/>
    public string Kind => _own.Kind;

    /// <inheritdoc/>
    public string Description { get; }

    /// <summary>β [P, L], of which this rank has its own rows alone.</summary>
    public Matrix Items { get; }

    /// <summary>Bytes that this rank's index holds beside its items.</summary>
    public long Bytes => _own.Bytes;

    /// <inheritdoc/>
    public void Search(Matrix queries, int count, int k, TopK result, WorkerTeam team, ItemFilter? filter = null)
    {
        ArgumentNullException.ThrowIfNull(result);
        ArgumentNullException.ThrowIfNull(team);
        result.Check(Items, queries, count, k);
        if (filter is not null && filter.Items != Items.Rows)
            throw new ArgumentException($"The filter is over {filter.Items} items, the index holds {Items.Rows}.", nameof(filter));
        ItemFilter? ownFilter = filter?.Part(_shard.First, _shard.Count);
        Exchange exchange = Reserve(Math.Min(count, MostQueries), k);
        for (int first = 0; first < count; first += exchange.Queries)
        {
            int some = Math.Min(exchange.Queries, count - first);
            for (int query = 0; query < some; query++)
                queries.PaddedRow(first + query).CopyTo(exchange.Rows.PaddedRow(query));
            _own.Search(exchange.Rows, some, exchange.Own.Capacity, exchange.Own, team, ownFilter);
            exchange.Run(some, _shard.First);
            for (int query = 0; query < some; query++)
                result.Store(first + query, exchange.Keys(query), k);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _exchange?.Dispose();

    private Exchange Reserve(int queries, int k)
    {
        if (_exchange is null || _exchange.K != k || _exchange.Queries < queries)
        {
            _exchange?.Dispose();
            _exchange = new Exchange(_communicator, Math.Max(queries, 1), k, Math.Min(k, _shard.Count), Items.Columns);
        }

        return _exchange;
    }

    /// <summary>Gives all ranks what each has found, as the keys of <see cref="ScoredItem"/> [queries, K]; 0, which is none, where it is
    /// less.</summary>
    private sealed class Exchange : IDisposable
    {
        private readonly int _ranks;
        private readonly Matrix _sent;
        private readonly Matrix _received;
        private readonly IRankTransfer _transfer;
        private readonly ulong[] _keys;

        public Exchange(ICommunicator communicator, int queries, int k, int ownK, int dimension)
        {
            (_ranks, Queries, K) = (communicator.Size, queries, k);
            Rows = new Matrix(queries, dimension);
            Own = new TopK(queries, ownK);
            long bytes = (long)queries * k * sizeof(ulong);
            _sent = new Matrix(queries, 2 * k);
            _received = new Matrix(_ranks * (long)queries, 2 * k);
            _keys = new ulong[checked(_ranks * k)];
            // Rows follow each other without their padding.
            Piece[] outgoing = [.. Enumerable.Repeat(new Piece(0, bytes), _ranks)];
            Piece[] incoming = [.. Enumerable.Range(0, _ranks).Select(rank => new Piece(rank * bytes, bytes))];
            _transfer = communicator.Prepare((byte*)_sent.Pointer, outgoing, (byte*)_received.Pointer, incoming);
        }

        public int Queries { get; }

        public int K { get; }

        public Matrix Rows { get; }

        public TopK Own { get; }

        public void Run(int count, int firstItem)
        {
            for (int query = 0; query < count; query++)
            {
                ReadOnlySpan<int> items = Own.Items(query);
                ReadOnlySpan<float> scores = Own.Scores(query);
                Span<ulong> keys = new((ulong*)_sent.Pointer + ((long)query * K), K);
                for (int i = 0; i < items.Length; i++)
                    keys[i] = ScoredItem.Key(scores[i], items[i] + firstItem);
                keys[items.Length..].Clear();
            }

            _transfer.Run();
        }

        /// <summary>All that was found for a query.</summary>
        public Span<ulong> Keys(int query)
        {
            int count = 0;
            for (int rank = 0; rank < _ranks; rank++)
            {
                foreach (ulong key in new ReadOnlySpan<ulong>((ulong*)_received.Pointer + ((((long)rank * Queries) + query) * K), K))
                {
                    if (key != 0)
                        _keys[count++] = key;
                }
            }

            return _keys.AsSpan(0, count);
        }

        public void Dispose()
        {
            _transfer.Dispose();
            _sent.Dispose();
            _received.Dispose();
            Rows.Dispose();
        }
    }
}
