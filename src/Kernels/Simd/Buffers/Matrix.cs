using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace KernelPolicy.Kernels;

/// <summary>
/// A row-major table of floats [rows, columns] in unmanaged memory: β [P, L], Θ [L, L], H [B, L].
/// </summary>
/// <remarks>
/// <para>Rows start on 64-byte boundaries: each is padded with zeros to <see cref="Stride"/>, a multiple of 16 floats.
/// Kernels run over whole padded rows and have no remainder loop; whoever writes a row keeps the padding zero.</para>
/// <para>Offsets are 64-bit, so a table may hold more than 2^31 numbers. Large tables ask the kernel for huge pages,
/// since a gather of random rows otherwise pays an address-translation miss for each of them.</para>
/// <para>Thread safety: concurrent reads are safe; writes need the caller's order. Disposing while a kernel runs is
/// the caller's error. The finaliser frees memory that nobody disposed.</para>
/// </remarks>
public sealed unsafe class Matrix : IDisposable
{
    /// <summary>Floats in 64 bytes: the unit to which rows are padded.</summary>
    public const int PadUnit = 16;

    private const long HugePageBytes = 2L << 20;

    private readonly IDisposable? _owner;
    private readonly string? _whyEmpty;
    private float* _data;

    /// <summary>Allocates a table of zeros.</summary>
    /// <param name="rows">Number of rows, at least 0.</param>
    /// <param name="columns">Number of columns, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is out of range.</exception>
    /// <exception cref="OutOfMemoryException">The memory is not to be had.</exception>
    public Matrix(long rows, int columns)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        Rows = rows;
        Columns = columns;
        Stride = PaddedLength(columns);
        Bytes = Math.Max(checked(rows * Stride * sizeof(float)), 64);
        bool large = Bytes >= 4 * HugePageBytes;
        _data = (float*)NativeMemory.AlignedAlloc((nuint)Bytes, large ? (nuint)HugePageBytes : 64);
        if (large)
            HugePages.Advise(_data, Bytes);
        NativeMemory.Clear(_data, (nuint)Bytes);
        GC.AddMemoryPressure(Bytes);
    }

    /// <summary>A table over memory that somebody else owns, as a mapped file: rows already padded, never written
    /// to.</summary>
    /// <param name="data">First float of the first row, 64-byte aligned.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="columns">Number of columns.</param>
    /// <param name="owner">Disposed with the table; it must keep the memory until then.</param>
    /// <exception cref="ArgumentException">The address is not aligned.</exception>
    public Matrix(float* data, long rows, int columns, IDisposable owner)
    {
        ArgumentNullException.ThrowIfNull(owner);
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        if (data == null || ((nuint)data & 63) != 0)
            throw new ArgumentException("The memory must start on a 64-byte boundary.", nameof(data));
        Rows = rows;
        Columns = columns;
        Stride = PaddedLength(columns);
        Bytes = checked(rows * Stride * sizeof(float));
        _data = data;
        _owner = owner;
    }

    private Matrix(long rows, int columns, string whyEmpty)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        (Rows, Columns, Stride, _whyEmpty) = (rows, columns, PaddedLength(columns), whyEmpty);
    }

    /// <summary>Frees the memory of a table that was not disposed.</summary>
    ~Matrix()
    {
        // An owner has a finaliser of its own, which may have run already.
        if (_owner is null)
            Free();
    }

    /// <summary>A table of which the shape alone is known. Whoever asks for a value gets an
    /// <see cref="InvalidOperationException"/>.</summary>
    /// <param name="rows">Number of rows.</param>
    /// <param name="columns">Number of columns.</param>
    /// <param name="why">Why there are no values, for its message.</param>
    public static Matrix OfShape(long rows, int columns, string why) => new(rows, columns, why);

    /// <summary>Whether there are values: not so in a table made by <see cref="OfShape"/>.</summary>
    public bool HasValues => _whyEmpty is null;

    /// <summary>Does nothing where there are values.</summary>
    /// <exception cref="InvalidOperationException">There are none; it says why.</exception>
    public void RequireValues()
    {
        if (!HasValues)
            ThrowNoValues();
    }

    /// <summary>Number of rows.</summary>
    public long Rows { get; }

    /// <summary>Number of columns that carry values.</summary>
    public int Columns { get; }

    /// <summary>Floats from one row to the next: <see cref="Columns"/> rounded up to a multiple of 16.</summary>
    public int Stride { get; }

    /// <summary>Bytes allocated.</summary>
    public long Bytes { get; }

    /// <summary>First float of the first row; 64-byte aligned.</summary>
    /// <exception cref="ObjectDisposedException">The table has been disposed.</exception>
    /// <exception cref="InvalidOperationException">The table has no values (<see cref="HasValues"/>).</exception>
    public float* Pointer
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            if (_data == null)
                ThrowNoValues();
            return _data;
        }
    }

    /// <summary>The values of one row [columns].</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such row.</exception>
    public Span<float> Row(long row) => new(RowPointer(row), Columns);

    /// <summary>One row with its padding [stride].</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such row.</exception>
    public Span<float> PaddedRow(long row) => new(RowPointer(row), Stride);

    /// <summary>First float of one row.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such row.</exception>
    public float* RowPointer(long row)
    {
        if ((ulong)row >= (ulong)Rows)
            throw new ArgumentOutOfRangeException(nameof(row), row, $"The table has rows 0 to {Rows - 1}.");
        return Pointer + (row * Stride);
    }

    /// <summary>A length in floats rounded up to whole 64-byte units.</summary>
    public static int PaddedLength(int columns) => checked((columns + PadUnit - 1) / PadUnit * PadUnit);

    /// <summary>Sets every value to zero.</summary>
    public void Clear() => NativeMemory.Clear(Pointer, (nuint)Bytes);

    /// <summary>Copies all values from a table of the same shape.</summary>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    public void CopyFrom(Matrix source)
    {
        ArgumentNullException.ThrowIfNull(source);
        if (source.Rows != Rows || source.Columns != Columns)
            throw new ArgumentException(
                $"The source is [{source.Rows}, {source.Columns}], this table [{Rows}, {Columns}].", nameof(source));
        Buffer.MemoryCopy(source.Pointer, Pointer, Bytes, Bytes);
    }

    /// <summary>Frees the memory. Calling it again does nothing.</summary>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    [DoesNotReturn]
    private void ThrowNoValues() => throw (_whyEmpty is null ? new ObjectDisposedException(nameof(Matrix)) : new InvalidOperationException(_whyEmpty));

    private void Free()
    {
        if (_data == null)
            return;
        if (_owner is not null)
        {
            _data = null;
            _owner.Dispose();
            return;
        }

        NativeMemory.AlignedFree(_data);
        _data = null;
        GC.RemoveMemoryPressure(Bytes);
    }
}
