using ILGPU;

namespace KernelPolicy.Kernels.Ilgpu;

/// <summary>A <see cref="Matrix"/> in the memory of a device, with the same padding: rows of <see cref="Stride"/> numbers,
/// zeros after the last column.</summary>
internal sealed class DeviceMatrix : IDisposable
{
    // Copies are cut up: a span has at most 2^31 − 1 numbers, and a table may have more.
    private const long NumbersPerCopy = 1L << 28;

    private readonly DeviceArray<float> _data;

    /// <summary>Reserves a table of zeros.</summary>
    /// <exception cref="DeviceMemoryException">It does not fit.</exception>
    public DeviceMatrix(ComputeDevice device, long rows, int columns)
    {
        (Rows, Columns, Stride) = (rows, columns, Matrix.PaddedLength(columns));
        _data = new DeviceArray<float>(device, checked(rows * Stride));
    }

    /// <summary>Number of rows.</summary>
    public long Rows { get; }

    /// <summary>Number of columns that carry values.</summary>
    public int Columns { get; }

    /// <summary>Numbers from one row to the next.</summary>
    public int Stride { get; }

    /// <summary>Bytes taken.</summary>
    public long Bytes => _data.Bytes;

    /// <summary>The numbers with their padding.</summary>
    public ArrayView<float> View => _data.View;

    /// <summary>The table as kernels read it.</summary>
    public FloatTable Table => new(View, Stride);

    /// <summary>A copy of a table of the host.</summary>
    public static DeviceMatrix From(ComputeDevice device, Matrix source)
    {
        DeviceMatrix result = new(device, source.Rows, source.Columns);
        result.Upload(source);
        return result;
    }

    /// <summary>Copies all values from a table of the same shape.</summary>
    public unsafe void Upload(Matrix source)
    {
        CheckShape(source);
        long count = source.Rows * Stride;
        for (long first = 0; first < count; first += NumbersPerCopy)
            _data.Upload(new ReadOnlySpan<float>(source.Pointer + first, (int)Math.Min(NumbersPerCopy, count - first)), first);
    }

    /// <summary>Copies all values to a table of the same shape.</summary>
    public unsafe void Download(Matrix target)
    {
        CheckShape(target);
        long count = target.Rows * Stride;
        for (long first = 0; first < count; first += NumbersPerCopy)
            _data.Download(new Span<float>(target.Pointer + first, (int)Math.Min(NumbersPerCopy, count - first)), first);
    }

    /// <summary>Sets all to zero.</summary>
    public void Clear() => _data.Clear();

    /// <summary>Copies the first rows to a table with at least as many.</summary>
    public unsafe void DownloadRows(Matrix target, int rows) =>
        _data.Download(new Span<float>(target.Pointer, checked(rows * Stride)));

    /// <summary>Copies the first rows of a table to rows from <paramref name="first"/> on.</summary>
    public unsafe void UploadRows(Matrix source, int rows, long first) =>
        _data.Upload(new ReadOnlySpan<float>(source.Pointer, checked(rows * Stride)), first * Stride);

    /// <inheritdoc/>
    public void Dispose() => _data.Dispose();

    private void CheckShape(Matrix host)
    {
        if (host.Rows != Rows || host.Columns != Columns)
            throw new ArgumentException($"The table of the host is [{host.Rows}, {host.Columns}], that of the device [{Rows}, {Columns}].");
    }
}
