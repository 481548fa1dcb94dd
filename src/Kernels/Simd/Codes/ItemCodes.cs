using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace KernelPolicy.Kernels;

/// <summary>
/// 8-bit codes of items: row a of β [P, L] ≈ s_a·(u_a − 128), u_a [L] bytes, s_a one of 256 scales. A quarter of the bytes
/// of β, for whoever must look at many items and may look twice at the best.
/// </summary>
/// <remarks>
/// <para>Each item has a scale of its own, so that short items beside very long ones keep their digits. Scales are powers
/// of 2^(1/8), one byte each: a scale is at most 9 % larger than the item needs, and the bytes of a million items stay in
/// cache.</para>
/// <para>Error of a coordinate: at most s_a/2. For Gaussian coordinates the error of a score has a standard deviation of
/// about 0.006·|h||b|/√L, that is 0.6 % of the scores' own.</para>
/// <para>Thread safety: rows are written by <see cref="Encode"/> alone; afterwards any number of threads may
/// read.</para>
/// </remarks>
public sealed unsafe class ItemCodes : IDisposable
{
    /// <summary>The byte that stands for zero.</summary>
    public const byte Zero = 128;

    /// <summary>Largest code either side of zero: 127, so that a code and its negative are both codes.</summary>
    public const int Largest = 127;

    private const int BytesInUnit = 64;
    private const int StepsAnOctave = 8;
    private const int RowsAPiece = 2048;

    private readonly Matrix _storage;
    private readonly NumberColumn<byte> _exponents;
    private readonly byte* _firstExponent;
    private readonly float[] _scales;
    private readonly byte* _rows;
    private readonly int _stride;

    /// <summary>Takes over codes that a file held.</summary>
    /// <param name="columns">L.</param>
    /// <param name="storage">The codes [P, stride / 4 floats], 64 bytes aligned.</param>
    /// <param name="exponents">A scale's number for each item [P]; owned, as the codes are.</param>
    /// <param name="largestScale">The scale of number 255.</param>
    /// <exception cref="ArgumentException">The shapes do not fit each other.</exception>
    public ItemCodes(int columns, Matrix storage, NumberColumn<byte> exponents, float largestScale)
    {
        ArgumentNullException.ThrowIfNull(storage);
        ArgumentNullException.ThrowIfNull(exponents);
        if (storage.Columns != StorageColumns(columns) || storage.Rows != exponents.Length)
            throw new ArgumentException(
                $"The codes are [{storage.Rows}, {storage.Columns}], for {exponents.Length} items of {columns} dimensions.", nameof(storage));
        Columns = columns;
        LargestScale = largestScale;
        _storage = storage;
        _rows = (byte*)storage.Pointer;
        _stride = storage.Stride * sizeof(float);
        _exponents = exponents;
        _firstExponent = exponents.Pointer;
        _scales = new float[256];
        for (int i = 0; i < _scales.Length; i++)
            _scales[i] = (float)(largestScale * Math.Pow(2, (i - 255) / (double)StepsAnOctave));
    }

    /// <summary>Number of items, P.</summary>
    public int Rows => _exponents.Length;

    /// <summary>L.</summary>
    public int Columns { get; }

    /// <summary>Bytes from one row to the next: L rounded up to a multiple of 64; the rest holds <see cref="Zero"/>.</summary>
    public int Stride => _stride;

    /// <summary>The scale of number 255.</summary>
    public float LargestScale { get; }

    /// <summary>The memory of the codes, for a file to write.</summary>
    public Matrix Storage => _storage;

    /// <summary>Numbers of the items' scales [P].</summary>
    public ReadOnlySpan<byte> Exponents => _exponents.Span;

    /// <summary>The scales by their numbers [256].</summary>
    public ReadOnlySpan<float> Scales => _scales;

    /// <summary>Bytes of memory.</summary>
    public long Bytes => _storage.Bytes + _exponents.Length + (_scales.Length * sizeof(float));

    /// <summary>Asks for a row of codes and its scale ahead of their use.</summary>
    /// <param name="row">A row in [0, P): not checked.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(int row)
    {
        if (!Sse.IsSupported)
            return;
        int stride = _stride;
        byte* start = _rows + ((long)row * stride);
        for (int i = 0; i < stride; i += BytesInUnit)
            Sse.Prefetch0(start + i);
        Sse.Prefetch0(_firstExponent + row);
    }

    /// <summary>First code of the first row.</summary>
    internal byte* Pointer
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (byte*)_storage.Pointer;
    }

    /// <summary>Floats that a row of codes takes as much memory as.</summary>
    public static int StorageColumns(int columns) => checked((columns + BytesInUnit - 1) / BytesInUnit * (BytesInUnit / sizeof(float)));

    /// <summary>Codes the rows of <paramref name="items"/>.</summary>
    /// <param name="items">β [P, L], finite.</param>
    /// <param name="order">Which item each row of codes is for [rows]; all in their order where empty.</param>
    /// <param name="team">Threads to use.</param>
    public static ItemCodes Encode(Matrix items, ReadOnlySpan<int> order, WorkerTeam team)
    {
        ArgumentNullException.ThrowIfNull(items);
        ArgumentNullException.ThrowIfNull(team);
        int rows = order.IsEmpty ? checked((int)items.Rows) : order.Length;
        float largest = 0;
        for (int row = 0; row < rows; row++)
            largest = Math.Max(largest, TensorPrimitives.MaxMagnitude<float>(items.Row(order.IsEmpty ? row : order[row])) is var m ? Math.Abs(m) : 0);
        ItemCodes codes = new(
            items.Columns, new Matrix(rows, StorageColumns(items.Columns)), new NumberColumn<byte>(rows), NotLess(largest / Largest));
        team.Run(new EncodeWork(codes, items, order.ToArray()), (rows + RowsAPiece - 1) / RowsAPiece);
        return codes;
    }

    /// <summary>The scale s_a of a row.</summary>
    public float Scale(int row) => _scales[_exponents.Span[row]];

    /// <summary>The codes of a row with their padding [stride].</summary>
    public ReadOnlySpan<byte> Row(int row) => new(_storage.RowPointer(row), Stride);

    /// <summary>Writes the vector s_a·(u_a − 128) that a row's codes stand for into <paramref name="values"/> [L].</summary>
    /// <remarks>One rounding a number, so that every vector width gives the same.</remarks>
    public void Decode(int row, Span<float> values)
    {
        values = values[..Columns];
        TensorPrimitives.ConvertTruncating<byte, float>(Row(row)[..Columns], values);
        TensorPrimitives.Subtract(values, Zero, values);
        TensorPrimitives.Multiply(values, Scale(row), values);
    }

    /// <summary>Frees the memory.</summary>
    public void Dispose()
    {
        _storage.Dispose();
        _exponents.Dispose();
    }

    // A table of zeros has any scale; one so small that it vanishes keeps the smallest.
    private static float NotLess(float scale) => scale > 0 ? MathF.BitIncrement(scale) : 1;

    private void EncodeRow(int row, ReadOnlySpan<float> values)
    {
        float largest = Math.Abs(TensorPrimitives.MaxMagnitude(values));
        int exponent = ExponentOf(largest / Largest);
        _exponents.Span[row] = (byte)exponent;
        float inverse = 1 / _scales[exponent];
        Span<byte> codes = new(_storage.RowPointer(row), Stride);
        for (int i = 0; i < values.Length; i++)
            codes[i] = (byte)(Zero + Math.Clamp((int)MathF.Round(values[i] * inverse), -Largest, Largest));
        codes[values.Length..].Fill(Zero);
    }

    /// <summary>The smallest scale that is not less than <paramref name="scale"/>.</summary>
    private int ExponentOf(float scale)
    {
        int at = Array.BinarySearch(_scales, scale);
        return Math.Min(at < 0 ? ~at : at, 255);
    }

    private sealed class EncodeWork(ItemCodes codes, Matrix items, int[] order) : IParallelWork
    {
        public void Execute(int index, int worker)
        {
            int end = Math.Min(codes.Rows, (index + 1) * RowsAPiece);
            for (int row = index * RowsAPiece; row < end; row++)
                codes.EncodeRow(row, items.Row(order.Length == 0 ? row : order[row]));
        }
    }
}
