using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using KernelPolicy.Kernels;

namespace KernelPolicy.Index;

/// <summary>
/// Rows of up to <see cref="Capacity"/> links, each ended by −1 where it is not full.
/// </summary>
/// <remarks>
/// The memory is that of a <see cref="Matrix"/>, whose numbers are as wide as a link: rows on 64-byte boundaries, huge
/// pages for large tables. Ending a row by −1 spares the search a second memory access for a count.
/// </remarks>
internal sealed unsafe class LinkTable : IDisposable
{
    public const int None = -1;

    private readonly Matrix _storage;
    private readonly int* _links;

    /// <summary>Makes empty rows.</summary>
    public LinkTable(long rows, int capacity)
        : this(new Matrix(rows, capacity))
    {
        NativeMemory.Fill(_links, (nuint)ByteLength, 0xFF);
    }

    /// <summary>Takes over rows that a file held.</summary>
    public LinkTable(Matrix storage)
    {
        _storage = storage;
        _links = (int*)storage.Pointer;
        Capacity = storage.Columns;
        Stride = storage.Stride;
    }

    /// <summary>The memory, for a file to write.</summary>
    public Matrix Storage => _storage;

    public long Rows => _storage.Rows;

    /// <summary>Links a row has room for.</summary>
    public int Capacity { get; }

    /// <summary>Links from one row to the next.</summary>
    public int Stride { get; }

    /// <summary>Bytes of all rows.</summary>
    public long ByteLength => Rows * Stride * sizeof(int);

    /// <summary>First link of a row that the caller knows to exist.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int* Row(long row) => _links + (row * Stride);

    /// <summary>The links of a row that are in use.</summary>
    public Span<int> Used(long row)
    {
        Span<int> all = new(Row(row), Capacity);
        int end = all.IndexOf(None);
        return end < 0 ? all : all[..end];
    }

    /// <summary>Replaces the links of a row.</summary>
    public void Set(long row, ReadOnlySpan<int> links)
    {
        Span<int> all = new(Row(row), Capacity);
        links.CopyTo(all);
        all[links.Length..].Fill(None);
    }

    /// <summary>Adds links to a row as far as it has room.</summary>
    public void Append(long row, ReadOnlySpan<int> links)
    {
        int used = Used(row).Length;
        int count = Math.Min(links.Length, Capacity - used);
        links[..count].CopyTo(new Span<int>(Row(row) + used, count));
    }

    /// <summary>Starts the loads of a row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(long row)
    {
        if (!Sse.IsSupported)
            return;
        int* start = Row(row);
        for (int i = 0; i < Capacity; i += Matrix.PadUnit)
            Sse.Prefetch0(start + i);
    }

    public void Dispose() => _storage.Dispose();
}
