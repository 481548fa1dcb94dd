using ILGPU;

namespace KernelPolicy.Kernels.Ilgpu;

/// <summary>
/// A few neighbouring numbers that one thread holds in registers, all treated alike. Kernels are written over this type,
/// so that one source suits processors, whose compiler makes one vector instruction of the numbers, and graphics
/// processors, where a thread takes fewer numbers and its neighbours the next ones.
/// </summary>
/// <typeparam name="TLanes">The type itself.</typeparam>
internal interface ILanes<TLanes>
    where TLanes : unmanaged, ILanes<TLanes>
{
    /// <summary>How many numbers; a divisor of <see cref="Matrix.PadUnit"/>, so that padded rows need no remainder.</summary>
    static abstract int Count { get; }

    /// <summary>Zeros.</summary>
    static abstract TLanes Zero { get; }

    /// <summary>The same number everywhere.</summary>
    static abstract TLanes Splat(float value);

    /// <summary>Neighbouring numbers of memory.</summary>
    static abstract TLanes Load(ArrayView<float> source, long offset);

    /// <summary>Neighbouring numbers of a table, which may keep them in another form.</summary>
    static abstract TLanes LoadRow<TTable>(TTable table, long offset)
        where TTable : struct, ITable;

    /// <summary>Writes to memory.</summary>
    static abstract void Store(ArrayView<float> target, long offset, TLanes value);

    /// <summary>factor·value + sum, rounded once.</summary>
    static abstract TLanes MultiplyAdd(float factor, TLanes value, TLanes sum);

    /// <summary>left·right + sum, rounded once.</summary>
    static abstract TLanes MultiplyAdd(TLanes left, TLanes right, TLanes sum);

    /// <summary>left + right.</summary>
    static abstract TLanes Add(TLanes left, TLanes right);

    /// <summary>left − right.</summary>
    static abstract TLanes Subtract(TLanes left, TLanes right);

    /// <summary>left·right.</summary>
    static abstract TLanes Multiply(TLanes left, TLanes right);

    /// <summary>left/right.</summary>
    static abstract TLanes Divide(TLanes left, TLanes right);

    /// <summary>The larger of each two; the right one where one is no number.</summary>
    static abstract TLanes Max(TLanes left, TLanes right);

    /// <summary>e^value, see <see cref="DeviceMath.Exp(float)"/>.</summary>
    static abstract TLanes Exp(TLanes value);

    /// <summary>The square roots.</summary>
    static abstract TLanes Sqrt(TLanes value);

    /// <summary>The sum, of halves, of quarters and so on.</summary>
    static abstract float Sum(TLanes value);
}
