using System.Runtime.InteropServices;

namespace KernelPolicy.Distributed;

/// <summary>Some numbers of every rank, for all.</summary>
/// <remarks>Allocates nothing after its construction. Not thread-safe; collective like its communicator.</remarks>
public sealed unsafe class RankGathering : IDisposable
{
    private readonly int _count;
    private readonly int _ranks;
    private readonly IRankTransfer _transfer;
    private double* _own;
    private double* _all;

    /// <summary>Prepares the transfer.</summary>
    /// <param name="communicator">The ranks; it stays the caller's.</param>
    /// <param name="count">Numbers of a rank, at least 1.</param>
    public RankGathering(ICommunicator communicator, int count)
    {
        ArgumentNullException.ThrowIfNull(communicator);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        (_count, _ranks) = (count, communicator.Size);
        _own = (double*)NativeMemory.AllocZeroed((nuint)count, sizeof(double));
        _all = (double*)NativeMemory.AllocZeroed((nuint)(count * _ranks), sizeof(double));
        long bytes = (long)count * sizeof(double);
        Piece[] outgoing = [.. Enumerable.Repeat(new Piece(0, bytes), _ranks)];
        Piece[] incoming = [.. Enumerable.Range(0, _ranks).Select(rank => new Piece(rank * bytes, bytes))];
        _transfer = communicator.Prepare((byte*)_own, outgoing, (byte*)_all, incoming);
    }

    /// <summary>Gathers one number a rank.</summary>
    /// <returns>The numbers by rank; overwritten by the next call.</returns>
    public ReadOnlySpan<double> Run(double value) => Run([value]);

    /// <summary>Gathers.</summary>
    /// <param name="values">This rank's numbers [count].</param>
    /// <returns>Those of all [n, count], rank after rank; overwritten by the next call.</returns>
    /// <exception cref="ArgumentException">There are more or fewer.</exception>
    public ReadOnlySpan<double> Run(scoped ReadOnlySpan<double> values)
    {
        ObjectDisposedException.ThrowIf(_own == null, this);
        if (values.Length != _count)
            throw new ArgumentException($"{values.Length} numbers; it was made for {_count} a rank.", nameof(values));
        values.CopyTo(new Span<double>(_own, _count));
        _transfer.Run();
        return new ReadOnlySpan<double>(_all, _count * _ranks);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _transfer.Dispose();
        NativeMemory.Free(_own);
        NativeMemory.Free(_all);
        _own = _all = null;
    }
}
