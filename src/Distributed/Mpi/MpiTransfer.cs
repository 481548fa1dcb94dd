using System.Runtime.InteropServices;

namespace KernelPolicy.Distributed;

/// <summary>A transfer by MPI_Ialltoallv: all its messages are under way at once, so that a distant network is waited for once.</summary>
internal sealed unsafe class MpiTransfer : IRankTransfer
{
    private readonly MpiCommunicator _owner;
    private readonly MpiLibrary _library;
    private readonly byte* _source;
    private readonly byte* _destination;
    private int* _numbers;
    private nint _request;
    private bool _isRunning;

    public MpiTransfer(
        MpiCommunicator owner, MpiLibrary library, byte* source, ReadOnlySpan<Piece> outgoing, byte* destination,
        ReadOnlySpan<Piece> incoming)
    {
        (_owner, _library) = (owner, library);
        _source = source;
        _destination = destination;
        int n = owner.Size;
        // MPI reads them until a transfer is done, and so they lie where nothing moves.
        _numbers = (int*)NativeMemory.Alloc((nuint)n * 4, sizeof(int));
        for (int rank = 0; rank < n; rank++)
        {
            _numbers[rank] = (int)outgoing[rank].Length;
            _numbers[n + rank] = (int)outgoing[rank].Offset;
            _numbers[(2 * n) + rank] = (int)incoming[rank].Length;
            _numbers[(3 * n) + rank] = (int)incoming[rank].Offset;
        }

        Cost = TransferShape.Cost(owner.Rank, outgoing);
    }

    ~MpiTransfer() => Free();

    public RankTraffic Cost { get; }

    public void Start()
    {
        ObjectDisposedException.ThrowIf(_numbers == null, this);
        if (_isRunning)
            throw new InvalidOperationException("The transfer before is not done.");
        int n = _owner.Size;
        _request = _library.AllToAll(_source, _numbers, _numbers + n, _destination, _numbers + (2 * n), _numbers + (3 * n));
        _isRunning = true;
        _owner.Count(Cost);
    }

    public bool IsDone()
    {
        if (_isRunning && _library.IsDone(ref _request))
            _isRunning = false;
        return !_isRunning;
    }

    public void Dispose()
    {
        // Whoever gives up in the middle of a transfer is about to abort: MPI goes on reading.
        if (_isRunning)
            return;
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        if (_isRunning)
            return;
        NativeMemory.Free(_numbers);
        _numbers = null;
    }
}

/// <summary>A call of MPI that has begun, to be waited for as a transfer is.</summary>
internal sealed class MpiRequest(MpiLibrary library, nint request) : IRankTransfer
{
    private bool _isRunning = true;

    public RankTraffic Cost => default;

    public void Start() => throw new InvalidOperationException("It has begun.");

    public bool IsDone()
    {
        if (_isRunning && library.IsDone(ref request))
            _isRunning = false;
        return !_isRunning;
    }

    public void Dispose()
    {
    }
}
