using System.Numerics.Tensors;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;

namespace KernelPolicy.Distributed;

/// <summary>
/// Contexts of session completion where β lies in shards: x = mean of β over the items of a history, of which each rank sums its own
/// items and all add up.
/// </summary>
/// <remarks>
/// <para>Sums of as many contexts as a batch has are made together, one reduction [B, L]; a caller of more gets them piece by piece, one of
/// fewer pays for B. What was announced is summed while the rank does other things.</para>
/// <para>Histories are whole on every rank; of β a rank reads its own rows alone. With one rank the contexts are those of
/// <see cref="HistoryContexts"/>, bit for bit; with more they are the same on all ranks, and within the roundings of a sum in another
/// order.</para>
/// <para>Collective, like its communicator. Not thread-safe. Allocates nothing after its construction.</para>
/// </remarks>
public sealed unsafe class ShardedHistoryContexts : IBatchContextSource, IParallelWork, IDisposable
{
    private const int RowsPerPiece = 4;

    private static readonly float[] Ones = Enumerable.Repeat(1f, 256).ToArray();

    private readonly SparseRows _histories;
    private readonly SparseRows _own;
    private readonly Matrix _ownItems;
    private readonly Matrix _partial;
    private readonly RankSum _sum;
    private readonly int[] _contexts;
    private int _count;
    private bool _isUnderWay;

    /// <summary>Contexts of the given histories.</summary>
    /// <param name="communicator">The ranks; it stays the caller's.</param>
    /// <param name="shards">Which items are whose.</param>
    /// <param name="ownItems">β of this rank's items, [its shard's count, L]; it stays the caller's.</param>
    /// <param name="histories">X of each context, by the items' numbers in the catalogue; the same on all ranks.</param>
    /// <param name="batchSize">Contexts that are summed together, B: those of a training's batch.</param>
    /// <exception cref="ArgumentException">The parts do not fit, or a history names an item that there is not.</exception>
    public ShardedHistoryContexts(ICommunicator communicator, ItemShards shards, Matrix ownItems, SparseRows histories, int batchSize)
    {
        ArgumentNullException.ThrowIfNull(histories);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        ItemShard shard = ShardCheck.Own(communicator, shards, ownItems);
        ShardRows.Check(histories, shards.Items, "A history names", nameof(histories));
        (_histories, _ownItems) = (histories, ownItems);
        _own = shard.PartOf(histories);
        _partial = new Matrix(batchSize, ownItems.Columns);
        _sum = new RankSum(communicator, batchSize, ownItems.Columns);
        _contexts = new int[batchSize];
    }

    /// <summary>The histories [N].</summary>
    public SparseRows Histories => _histories;

    /// <inheritdoc/>
    public int Count => _histories.Count;

    /// <inheritdoc/>
    public int Dimension => _ownItems.Columns;

    /// <summary>Contexts that are summed together.</summary>
    public int BatchSize => _contexts.Length;

    /// <summary>Not to be had: a context alone would cost all ranks a reduction, and threads would ask for it in no order.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    public void Fill(int context, Matrix destination, int row) =>
        throw new NotSupportedException("These contexts are summed over ranks, a batch at a time: ask for them by FillBatch, on all ranks.");

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The table is too small or of another width.</exception>
    public void FillBatch(ReadOnlySpan<int> contexts, Matrix rows, WorkerTeam team)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(team);
        if (rows.Rows < contexts.Length || rows.Columns != Dimension)
            throw new ArgumentException($"The table is [{rows.Rows}, {rows.Columns}]; {contexts.Length} contexts have {Dimension} dimensions.", nameof(rows));
        for (int first = 0; first < contexts.Length; first += BatchSize)
        {
            ReadOnlySpan<int> part = contexts.Slice(first, Math.Min(BatchSize, contexts.Length - first));
            if (!_isUnderWay || !part.SequenceEqual(_contexts.AsSpan(0, _count)))
                Begin(part, team);
            _sum.Wait();
            _isUnderWay = false;
            for (int i = 0; i < part.Length; i++)
                Take(i, _histories[part[i]].Length, rows.PaddedRow(first + i));
        }
    }

    /// <inheritdoc/>
    /// <remarks>More contexts than are summed together are not begun.</remarks>
    public void Announce(ReadOnlySpan<int> contexts, WorkerTeam team)
    {
        ArgumentNullException.ThrowIfNull(team);
        if (!contexts.IsEmpty && contexts.Length <= BatchSize)
            Begin(contexts, team);
    }

    /// <summary>Takes the sum that was announced one round further, and waits for the round before: called where all ranks come in one
    /// order, ahead of another reduction. Does nothing where none is under way.</summary>
    public void Advance() => _sum.WaitForRound();

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            // What was announced last may be under way: buffers stay until it is done, as it will be on every rank.
            _sum.Wait();
        }
        catch (RankFailedException)
        {
            // Nobody writes to them any more.
        }

        _sum.Dispose();
        _partial.Dispose();
    }

    /// <inheritdoc/>
    void IParallelWork.Execute(int index, int worker)
    {
        int end = Math.Min(_count, (index + 1) * RowsPerPiece);
        for (int row = index * RowsPerPiece; row < end; row++)
        {
            ReadOnlySpan<int> items = _own[_contexts[row]];
            _partial.PaddedRow(row).Clear();
            for (int first = 0; first < items.Length; first += Ones.Length)
                WeightedRows.Accumulate(_ownItems, items.Slice(first, Math.Min(Ones.Length, items.Length - first)), Ones, _partial.RowPointer(row));
            _partial.Row(row).CopyTo(_sum.Own(row));
        }
    }

    private void Begin(ReadOnlySpan<int> contexts, WorkerTeam team)
    {
        // What was announced in vain is under way still.
        _sum.Wait();
        contexts.CopyTo(_contexts);
        _count = contexts.Length;
        team.Run(this, (_count + RowsPerPiece - 1) / RowsPerPiece);
        _sum.Start();
        _isUnderWay = true;
    }

    private void Take(int position, int length, Span<float> x)
    {
        ReadOnlySpan<float> sum = _sum.Joined(position);
        if (length > 1)
            TensorPrimitives.Divide(sum, length, x);
        else
            sum.CopyTo(x);
        x[sum.Length..].Clear();
    }
}
