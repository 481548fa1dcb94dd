using ILGPU;

namespace KernelPolicy.Kernels.Ilgpu;

/// <summary>A table of numbers on a device as a kernel reads it: β [P, L], rows of <see cref="Stride"/> numbers, padded with
/// zeros. Offsets are 64-bit.</summary>
internal interface ITable
{
    /// <summary>Numbers from one row to the next.</summary>
    int Stride { get; }

    /// <summary>The number at row·stride + column.</summary>
    float At(long offset);

    /// <summary>The bits of the number at row·stride + column, whatever they mean.</summary>
    int Bits(long offset);

    /// <summary>The four numbers from row·stride + column on, the column a multiple of four, in one read: rows start on
    /// 64-byte boundaries.</summary>
    Lanes4 Four(long offset);
}

/// <summary>A table in single precision.</summary>
internal readonly struct FloatTable(ArrayView<float> data, int stride) : ITable
{
    private readonly ArrayView<float> _data = data;

    /// <inheritdoc/>
    public int Stride { get; } = stride;

    /// <inheritdoc/>
    public float At(long offset) => _data[offset];

    /// <inheritdoc/>
    public int Bits(long offset) => (int)Interop.FloatAsInt(_data[offset]);

    /// <inheritdoc/>
    public Lanes4 Four(long offset) => _data.Cast<Lanes4>()[offset >> 2];
}

/// <summary>
/// A table in half precision (IEEE binary16): half the memory, half the bytes a step, numbers rounded to 11 bits.
/// </summary>
/// <remarks>Kept as whole numbers and widened by hand, exactly and subnormals included: not every OpenCL device knows the
/// type.</remarks>
internal readonly struct HalfTable(ArrayView<ushort> data, int stride) : ITable
{
    // The exponent of a half is biased by 15, of a float by 127: a shift of the bits leaves the difference.
    private const float Rebias = 5.192296858534828e33f;

    private readonly ArrayView<ushort> _data = data;

    /// <inheritdoc/>
    public int Stride { get; } = stride;

    /// <inheritdoc/>
    public float At(long offset) => Widen(_data[offset]);

    /// <inheritdoc/>
    public int Bits(long offset) => _data[offset];

    /// <inheritdoc/>
    public Lanes4 Four(long offset)
    {
        ulong bits = _data.Cast<ulong>()[offset >> 2];
        return Lanes4.Of(Widen((uint)bits), Widen((uint)(bits >> 16)), Widen((uint)(bits >> 32)), Widen((uint)(bits >> 48)));
    }

    private static float Widen(uint bits) =>
        Interop.IntAsFloat(((bits & 0x7FFFu) << 13) | ((bits & 0x8000u) << 16)) * Rebias;
}
