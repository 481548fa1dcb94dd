using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace KernelPolicy.Kernels;

/// <summary>
/// One number for each of many rows [length], in unmanaged memory of its own or in that of somebody else, as a mapped file.
/// </summary>
/// <remarks>
/// Thread safety: concurrent reads are safe; writes need the caller's order. Disposing while it is read is the caller's error.
/// The finaliser frees memory that nobody disposed.
/// </remarks>
/// <typeparam name="T">The number's type.</typeparam>
public sealed unsafe class NumberColumn<T> : IDisposable
    where T : unmanaged
{
    private const int Alignment = 64;

    private readonly IDisposable? _owner;
    private T* _data;
    private int _length;

    /// <summary>Allocates a column of zeros.</summary>
    /// <param name="length">Number of rows, at least 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The length is negative.</exception>
    /// <exception cref="OutOfMemoryException">The memory is not to be had.</exception>
    public NumberColumn(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        nuint bytes = (nuint)Math.Max((long)length * sizeof(T), Alignment);
        _data = (T*)NativeMemory.AlignedAlloc(bytes, Alignment);
        NativeMemory.Clear(_data, bytes);
        _length = length;
        GC.AddMemoryPressure(Math.Max(1, Bytes));
    }

    /// <summary>Allocates a copy of numbers.</summary>
    public NumberColumn(ReadOnlySpan<T> values)
        : this(values.Length) => values.CopyTo(Span);

    /// <summary>A column over memory that somebody else owns, never written to.</summary>
    /// <param name="data">The first number, aligned as its type wants it.</param>
    /// <param name="length">Number of rows.</param>
    /// <param name="owner">Disposed with the column; it must keep the memory until then.</param>
    /// <exception cref="ArgumentException">The address is not aligned.</exception>
    public NumberColumn(T* data, int length, IDisposable owner)
    {
        ArgumentNullException.ThrowIfNull(owner);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        if (data == null || (nuint)data % (nuint)sizeof(T) != 0)
            throw new ArgumentException($"The memory must start on a boundary of {sizeof(T)} bytes.", nameof(data));
        _data = data;
        _length = length;
        _owner = owner;
    }

    /// <summary>Frees the memory of a column that was not disposed.</summary>
    ~NumberColumn()
    {
        // An owner has a finaliser of its own, which may have run already.
        if (_owner is null)
            Free();
    }

    /// <summary>Number of rows; 0 once it is disposed.</summary>
    public int Length => _length;

    /// <summary>Bytes of all numbers.</summary>
    public long Bytes => (long)_length * sizeof(T);

    /// <summary>All numbers; empty once the column is disposed.</summary>
    public Span<T> Span
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(_data, _length);
    }

    /// <summary>The first number, for a prefetch.</summary>
    internal T* Pointer => _data;

    /// <inheritdoc/>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        if (_data == null)
            return;
        if (_owner is not null)
        {
            _owner.Dispose();
        }
        else
        {
            NativeMemory.AlignedFree(_data);
            GC.RemoveMemoryPressure(Math.Max(1, Bytes));
        }

        _data = null;
        _length = 0;
    }
}
