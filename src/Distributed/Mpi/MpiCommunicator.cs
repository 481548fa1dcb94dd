using System.Runtime.InteropServices;

namespace KernelPolicy.Distributed;

/// <summary>The ranks that mpirun has started.</summary>
/// <remarks>One a process, made once: MPI does not start a second time. Calls may come from any thread, one at a time.</remarks>
public sealed unsafe class MpiCommunicator : ICommunicator
{
    private const int LongestBroadcast = 1 << 30;

    private static int _starts;

    private readonly MpiLibrary _library;
    private bool _isOver;

    private MpiCommunicator(MpiLibrary library) => _library = library;

    /// <inheritdoc/>
    public int Rank => _library.Rank;

    /// <inheritdoc/>
    public int Size => _library.Size;

    /// <inheritdoc/>
    public string Host => Environment.MachineName;

    /// <inheritdoc/>
    public string Carrier => _library.Version;

    /// <inheritdoc/>
    public RankTraffic Traffic { get; private set; }

    /// <summary>Joins the ranks that mpirun has started; a process that was started without it is a rank alone.</summary>
    /// <exception cref="MpiUnavailableException">Open MPI is not installed, or another MPI is; the message says what to
    /// install.</exception>
    /// <exception cref="MpiException">It could not begin.</exception>
    /// <exception cref="InvalidOperationException">This process has joined before.</exception>
    public static MpiCommunicator Start()
    {
        if (Interlocked.Exchange(ref _starts, 1) != 0)
            throw new InvalidOperationException("This process has joined its ranks before; MPI starts once a process.");
        try
        {
            return new MpiCommunicator(MpiLibrary.Start());
        }
        catch (MpiUnavailableException)
        {
            _starts = 0;
            throw;
        }
    }

    /// <inheritdoc/>
    public IRankTransfer Prepare(byte* source, ReadOnlySpan<Piece> outgoing, byte* destination, ReadOnlySpan<Piece> incoming)
    {
        TransferShape.Check(Size, source, outgoing, destination, incoming);
        return new MpiTransfer(this, _library, source, outgoing, destination, incoming);
    }

    /// <inheritdoc/>
    public void Broadcast(Span<byte> values, int root = 0)
    {
        if ((uint)root >= (uint)Size)
            throw new ArgumentOutOfRangeException(nameof(root), root, $"Ranks are 0 to {Size - 1}.");
        fixed (byte* first = &MemoryMarshal.GetReference(values))
        {
            for (long done = 0; done < values.Length; done += LongestBroadcast)
                Wait(_library.Broadcast(first + done, (int)Math.Min(LongestBroadcast, values.Length - done), root));
        }

        if (Rank == root)
            Count(new RankTraffic(Size - 1, (Size - 1L) * values.Length));
    }

    /// <inheritdoc/>
    public void Barrier() => Wait(_library.Barrier());

    /// <inheritdoc/>
    public void Abort(int exitCode) => _library.Abort(exitCode);

    /// <summary>Leaves the ranks, and waits until all do.</summary>
    public void Dispose()
    {
        if (_isOver)
            return;
        _isOver = true;
        // Those that are done first must not spin in MPI's own waiting while rank 0 still measures.
        Barrier();
        _library.Finish();
    }

    private void Wait(nint request) => new MpiRequest(_library, request).Wait();

    internal void Count(RankTraffic cost) => Traffic = Traffic.Plus(cost);
}
