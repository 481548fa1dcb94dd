namespace KernelPolicy.Distributed;

/// <summary>Processes, or threads that stand for them, that work together: each has a number, its rank, and they exchange bytes.</summary>
/// <remarks>
/// Every method but <see cref="Abort"/> is collective: all ranks call the same ones in the same order, transfers being started in the
/// same order too. Not thread-safe: one thread of a rank at a time.
/// </remarks>
public interface ICommunicator : IDisposable
{
    /// <summary>Number of this rank, 0 to <see cref="Size"/> − 1.</summary>
    int Rank { get; }

    /// <summary>n, number of ranks.</summary>
    int Size { get; }

    /// <summary>The machine that this rank runs on, for logs.</summary>
    string Host { get; }

    /// <summary>What carries the bytes, for logs and results: Open MPI 5.0.7.</summary>
    string Carrier { get; }

    /// <summary>What this rank has sent to others so far.</summary>
    RankTraffic Traffic { get; }

    /// <summary>Prepares a transfer in which each rank sends a piece to every rank. Its buffers stay the caller's, and stay where
    /// they are until it is disposed.</summary>
    /// <param name="source">What this rank sends.</param>
    /// <param name="outgoing">Where in it the piece for each rank lies [n], in bytes. Pieces may overlap: one piece for all is a
    /// gathering of everything by everyone.</param>
    /// <param name="destination">What this rank receives.</param>
    /// <param name="incoming">Where the piece from each rank comes to lie [n], in bytes; of the length that it sends.</param>
    /// <exception cref="ArgumentException">There is not one piece a rank, one is longer than 2^31 − 1 bytes, or both buffers are one: MPI
    /// would take that for a wish of its own.</exception>
    unsafe IRankTransfer Prepare(byte* source, ReadOnlySpan<Piece> outgoing, byte* destination, ReadOnlySpan<Piece> incoming);

    /// <summary>Gives all ranks what one of them has.</summary>
    /// <param name="values">The values of the rank that sends; on the others they are overwritten.</param>
    /// <param name="root">Which rank sends.</param>
    void Broadcast(Span<byte> values, int root = 0);

    /// <summary>Waits until all ranks have come here.</summary>
    void Barrier();

    /// <summary>Ends all ranks at once, for a failure that the others could only wait out. It does not return.</summary>
    /// <param name="exitCode">Exit code of the job.</param>
    void Abort(int exitCode);
}

/// <summary>A part of a buffer, in bytes.</summary>
/// <param name="Offset">Where it begins.</param>
/// <param name="Length">How long it is.</param>
public readonly record struct Piece(long Offset, long Length);

/// <summary>What a rank has sent to other ranks.</summary>
/// <param name="Messages">Messages, empty ones not counted.</param>
/// <param name="Bytes">Bytes in them, without what the network wraps around them.</param>
public readonly record struct RankTraffic(long Messages, long Bytes)
{
    /// <summary>Both together.</summary>
    public RankTraffic Plus(RankTraffic other) => new(Messages + other.Messages, Bytes + other.Bytes);

    /// <summary>What has come since an earlier count.</summary>
    public RankTraffic Since(RankTraffic earlier) => new(Messages - earlier.Messages, Bytes - earlier.Bytes);
}
