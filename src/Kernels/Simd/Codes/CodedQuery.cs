using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace KernelPolicy.Kernels;

/// <summary>
/// A query in signed 8-bit codes: h [L] ≈ s·c, c in [−127, 127]; or an item's own codes as the query. The partner of
/// <see cref="ItemCodes"/> in <see cref="CodeScores"/>.
/// </summary>
/// <remarks>Not thread-safe: one owner at a time. Made once, set for every query.</remarks>
public sealed unsafe class CodedQuery : IDisposable
{
    private sbyte* _codes;

    /// <summary>Reserves memory for queries against items of <paramref name="columns"/> dimensions.</summary>
    public CodedQuery(int columns)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        Columns = columns;
        Stride = ItemCodes.StorageColumns(columns) * sizeof(float);
        _codes = (sbyte*)NativeMemory.AlignedAlloc((nuint)Stride, 64);
        NativeMemory.Clear(_codes, (nuint)Stride);
    }

    /// <summary>Frees memory that nobody disposed.</summary>
    ~CodedQuery() => NativeMemory.AlignedFree(_codes);

    /// <summary>L.</summary>
    public int Columns { get; }

    /// <summary>Bytes of a padded row.</summary>
    public int Stride { get; }

    /// <summary>s.</summary>
    public float Scale { get; private set; }

    /// <summary>c with its padding, which is zero [stride].</summary>
    public ReadOnlySpan<sbyte> Codes => new(_codes, Stride);

    /// <summary>128·Σc: what the items' offset adds to every product.</summary>
    internal int Offset { get; private set; }

    internal sbyte* Pointer => _codes;

    /// <summary>Codes a query h [L]. Numbers that are not finite give arbitrary codes.</summary>
    public void Set(ReadOnlySpan<float> query)
    {
        if (query.Length != Columns)
            throw new ArgumentException($"The query has {query.Length} dimensions, not {Columns}.", nameof(query));
        float largest = Math.Abs(TensorPrimitives.MaxMagnitude(query));
        Scale = largest > 0 && float.IsFinite(largest) ? largest / ItemCodes.Largest : 0;
        float inverse = Scale > 0 ? 1 / Scale : 0;
        int sum = 0;
        for (int i = 0; i < query.Length; i++)
        {
            int code = Math.Clamp((int)MathF.Round(query[i] * inverse), -ItemCodes.Largest, ItemCodes.Largest);
            _codes[i] = (sbyte)code;
            sum += code;
        }

        Offset = ItemCodes.Zero * sum;
    }

    /// <summary>Takes the codes of an item.</summary>
    public void Set(ItemCodes items, int row)
    {
        ArgumentNullException.ThrowIfNull(items);
        if ((uint)row >= (uint)items.Rows || items.Stride != Stride)
            throw new ArgumentOutOfRangeException(nameof(row), row, $"There are rows 0 to {items.Rows - 1}, of {items.Columns} dimensions.");
        byte* codes = items.Pointer + ((long)row * items.Stride);
        Vector128<int> sums = default;
        for (int i = 0; i < Stride; i += Vector128<byte>.Count)
        {
            // u − 128 as a signed byte is u with its highest bit turned.
            Vector128<sbyte> signed = (Vector128.Load(codes + i) ^ Vector128.Create(ItemCodes.Zero)).AsSByte();
            signed.Store(_codes + i);
            (Vector128<short> low, Vector128<short> high) = Vector128.Widen(signed);
            (Vector128<int> a, Vector128<int> b) = Vector128.Widen(low + high);
            sums += a + b;
        }

        int sum = Vector128.Sum(sums);
        Offset = ItemCodes.Zero * sum;
        Scale = items.Scale(row);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        NativeMemory.AlignedFree(_codes);
        _codes = null;
        GC.SuppressFinalize(this);
    }
}
