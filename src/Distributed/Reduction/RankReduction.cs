using System.Collections.Concurrent;
using KernelPolicy.Kernels;

namespace KernelPolicy.Distributed;

/// <summary>
/// A table [rows, width] of which every rank has its own version, and after a reduction all have the same: the ranks' versions joined,
/// row by row, in the order of the ranks.
/// </summary>
/// <remarks>
/// <para>The order is fixed, so that the same versions give the same result, bit for bit, on any network and by any carrier; MPI's
/// own sums promise that only as advice.</para>
/// <para>Where ranks are two, or the table is small, each sends its version to all and joins them itself: one round, (n − 1) S bytes
/// a rank for a table of S. Else each rank joins a part of the rows and hands it to all: two rounds, 2 (n − 1) S / n bytes a rank, which
/// no sum over ranks can undercut. Messages of a round are under way together: it lasts one latency.</para>
/// <para>Allocates nothing after its construction. Not thread-safe; collective like its communicator.</para>
/// </remarks>
public abstract unsafe class RankReduction : IDisposable
{
    /// <summary>Bytes more that a rank may send to save a round: what a network of 1 Gbit/s carries in the 65 µs of a message on it.</summary>
    private const long BytesOfARound = 8192;

    // Whoever gives up in the middle of a reduction leaves its memory to the carrier, which goes on with it: it must not even be finalised.
    private static readonly ConcurrentBag<Matrix> Abandoned = [];

    private readonly int _width;
    private readonly int _ranks;
    private readonly Matrix _own;
    private readonly Matrix _received;
    private readonly Matrix _joined;
    private readonly Matrix? _part;
    private readonly IRankTransfer _first;
    private readonly IRankTransfer? _second;
    private readonly int _rows;
    private Stage _stage;

    /// <summary>Prepares the transfers.</summary>
    /// <param name="communicator">The ranks; it stays the caller's.</param>
    /// <param name="rows">Rows, at least 1.</param>
    /// <param name="width">Numbers of a row, at least 1.</param>
    private protected RankReduction(ICommunicator communicator, int rows, int width)
    {
        ArgumentNullException.ThrowIfNull(communicator);
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        (Rows, _width, _ranks) = (rows, width, communicator.Size);
        int length = checked(rows * width);
        _own = new Matrix(1, length);
        _joined = new Matrix(1, length);
        (int First, int Count)[] parts = [.. Enumerable.Range(0, _ranks).Select(Part)];
        Piece whole = new(0, Bytes(rows));
        if (IsGathered(_ranks, whole.Length))
        {
            _rows = rows;
            _received = new Matrix(_ranks, length);
            _first = communicator.Prepare(
                (byte*)_own.Pointer, Same(whole), (byte*)_received.Pointer, Laid(_ => whole.Length, _received.Stride * (long)sizeof(float)));
        }
        else
        {
            _rows = parts[communicator.Rank].Count;
            _received = new Matrix(_ranks, Math.Max(1, _rows * width));
            Piece[] byRank = [.. parts.Select(part => new Piece(Bytes(part.First), Bytes(part.Count)))];
            _first = communicator.Prepare(
                (byte*)_own.Pointer, byRank, (byte*)_received.Pointer, Laid(_ => Bytes(_rows), _received.Stride * (long)sizeof(float)));
            _part = new Matrix(1, _received.Columns);
            _second = communicator.Prepare(
                (byte*)_part.Pointer, Same(new Piece(0, Bytes(_rows))), (byte*)_joined.Pointer, byRank);
        }

        Cost = _first.Cost.Plus(_second?.Cost ?? default);

        (int First, int Count) Part(int rank)
        {
            int first = (int)((long)rows * rank / _ranks);
            return (first, (int)((long)rows * (rank + 1) / _ranks) - first);
        }

        Piece[] Same(Piece piece) => [.. Enumerable.Repeat(piece, _ranks)];

        Piece[] Laid(Func<int, long> length, long stride) =>
            [.. Enumerable.Range(0, _ranks).Select(rank => new Piece(rank * stride, length(rank)))];
    }

    private enum Stage
    {
        Idle,
        First,
        Second,
    }

    /// <summary>Rows of the table.</summary>
    public int Rows { get; }

    /// <summary>What one reduction sends from this rank to others.</summary>
    public RankTraffic Cost { get; }

    /// <summary>This rank's version of a row [width], to be written before <see cref="Start"/>.</summary>
    public Span<float> Own(int row) => _own.Row(0).Slice(row * _width, _width);

    /// <summary>All of this rank's version, row after row [rows · width].</summary>
    private protected Span<float> OwnTable => _own.Row(0);

    /// <summary>All of the joined table, row after row [rows · width].</summary>
    private protected ReadOnlySpan<float> JoinedTable => _joined.Row(0);

    /// <summary>The joined row [width], once it is done.</summary>
    public ReadOnlySpan<float> Joined(int row) => _joined.Row(0).Slice(row * _width, _width);

    /// <summary>Bytes that one reduction sends over the network, all ranks together.</summary>
    /// <param name="ranks">n.</param>
    /// <param name="rows">Rows of the table.</param>
    /// <param name="width">Numbers of a row.</param>
    public static long TotalBytes(int ranks, int rows, int width)
    {
        long table = (long)rows * width * sizeof(float);
        return IsGathered(ranks, table) ? ranks * (ranks - 1L) * table : 2 * (ranks - 1L) * table;
    }

    /// <summary>What one reduction sends from the rank that sends the most, which is the last; as much comes in there.</summary>
    /// <inheritdoc cref="TotalBytes" path="/param"/>
    public static RankTraffic LargestCost(int ranks, int rows, int width)
    {
        long row = (long)width * sizeof(float), table = rows * row;
        if (IsGathered(ranks, table))
            return new RankTraffic(ranks - 1, (ranks - 1) * table);
        long own = LargestMessage(ranks, rows, width);
        // Where ranks are more than rows, some have no part, and get none.
        return new RankTraffic(Math.Min(rows, ranks) - 1 + ranks - 1, table - own + ((ranks - 1) * own));
    }

    /// <summary>Bytes of its longest message: the table, or the last rank's part of it, which no other's exceeds; 0 for a rank alone.</summary>
    /// <inheritdoc cref="TotalBytes" path="/param"/>
    public static long LargestMessage(int ranks, int rows, int width)
    {
        long row = (long)width * sizeof(float);
        return ranks == 1 ? 0 : IsGathered(ranks, rows * row) ? rows * row : (rows - ((long)rows * (ranks - 1) / ranks)) * row;
    }

    /// <summary>Rounds of one reduction, each of which lasts a latency at least; 0 for a rank alone.</summary>
    /// <inheritdoc cref="TotalBytes" path="/param"/>
    public static int Rounds(int ranks, int rows, int width) =>
        ranks == 1 ? 0 : IsGathered(ranks, (long)rows * width * sizeof(float)) ? 1 : 2;

    /// <summary>Begins.</summary>
    /// <exception cref="InvalidOperationException">The one before is not done.</exception>
    public void Start()
    {
        if (_stage != Stage.Idle)
            throw new InvalidOperationException("The reduction before is not done.");
        _first.Start();
        _stage = Stage.First;
    }

    /// <summary>Whether what was started is done; lets it move on.</summary>
    public bool IsDone()
    {
        if (_stage == Stage.First && _first.IsDone())
        {
            Join((_part ?? _joined).Pointer, _received.Pointer, _received.Stride, _rows);
            _stage = _second is null ? Stage.Idle : Stage.Second;
            _second?.Start();
        }

        if (_stage == Stage.Second && _second!.IsDone())
            _stage = Stage.Idle;
        return _stage == Stage.Idle;
    }

    /// <summary>Waits until the first round is done, and begins the second where there is one.</summary>
    /// <remarks>For reductions that are under way together: ranks must begin their rounds in one order, and which of two is done first differs
    /// from rank to rank. A rank that only looks, by <see cref="IsDone"/>, must have no other under way.</remarks>
    public void WaitForRound()
    {
        if (_stage == Stage.First)
        {
            _first.Wait();
            IsDone();
        }
    }

    /// <summary>Waits until it is done.</summary>
    public void Wait()
    {
        WaitForRound();
        if (_stage == Stage.Second)
        {
            _second!.Wait();
            IsDone();
        }
    }

    /// <summary>Reduces from beginning to end.</summary>
    public void Run()
    {
        Start();
        Wait();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _first.Dispose();
        _second?.Dispose();
        foreach (Matrix? buffer in (Matrix?[])[_own, _received, _joined, _part])
        {
            if (_stage != Stage.Idle && buffer is not null)
                Abandoned.Add(buffer);
            else
                buffer?.Dispose();
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>Number of ranks.</summary>
    private protected int Ranks => _ranks;

    /// <summary>Numbers of a row.</summary>
    private protected int Width => _width;

    /// <summary>Joins rows of all ranks.</summary>
    /// <param name="joined">Receives them [rows, width].</param>
    /// <param name="versions">Those of each rank [rows, width], rank after rank.</param>
    /// <param name="stride">Floats from one rank to the next.</param>
    /// <param name="rows">How many rows.</param>
    private protected abstract void Join(float* joined, float* versions, long stride, int rows);

    private static bool IsGathered(int ranks, long bytes) =>
        ranks <= 2 || ((ranks - 1) * bytes) - (2 * (ranks - 1) * bytes / ranks) <= BytesOfARound;

    private long Bytes(int rows) => (long)rows * _width * sizeof(float);
}
