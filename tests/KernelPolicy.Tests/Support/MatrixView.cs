using System.Runtime.CompilerServices;
using KernelPolicy.Kernels;

namespace KernelPolicy.Tests.Support;

/// <summary>
/// A table whose memory is the test's own: guarded, or far larger than the machine has. Kernels see an ordinary
/// <see cref="Matrix"/>.
/// </summary>
internal sealed unsafe class MatrixView : IDisposable
{
    private readonly float* _own;
    private readonly long _ownBytes;
    private readonly IDisposable _memory;

    /// <summary>Lays a table of the given shape over memory that begins at <paramref name="data"/>.</summary>
    public MatrixView(long rows, int columns, float* data, IDisposable memory)
    {
        Table = new Matrix(0, columns);
        _own = Data(Table);
        _ownBytes = Table.Bytes;
        _memory = memory;
        Data(Table) = data;
        RowCount(Table) = rows;
        ByteCount(Table) = rows * Table.Stride * sizeof(float);
    }

    public Matrix Table { get; }

    /// <summary>A copy of a table that ends where its last padded row ends, or begins where the first begins: one float
    /// further stops the process.</summary>
    public static MatrixView Guarded(Matrix source, bool atStart = false)
    {
        int floats = checked((int)(source.Rows * source.Stride));
        GuardedBuffer buffer = new(floats, atStart);
        new Span<float>(source.Pointer, floats).CopyTo(buffer.Span);
        return new MatrixView(source.Rows, source.Columns, buffer.Pointer, buffer);
    }

    public void Dispose()
    {
        Data(Table) = _own;
        ByteCount(Table) = _ownBytes;
        Table.Dispose();
        _memory.Dispose();
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_data")]
    private static extern ref float* Data(Matrix matrix);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "<Rows>k__BackingField")]
    private static extern ref long RowCount(Matrix matrix);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "<Bytes>k__BackingField")]
    private static extern ref long ByteCount(Matrix matrix);
}
