using ILGPU;

namespace KernelPolicy.Kernels.Ilgpu;

/// <summary>Sixteen numbers: a register of a processor with vectors of 512 bits, two or four of one with less; on a graphics
/// processor, sixteen registers of one thread.</summary>
internal struct Lanes16 : ILanes<Lanes16>
{
    private Lanes4 _first, _second, _third, _fourth;

    /// <inheritdoc/>
    public static int Count => 16;

    /// <inheritdoc/>
    public static Lanes16 Zero => default;

    /// <inheritdoc/>
    public static Lanes16 Splat(float value)
    {
        Lanes16 result;
        result._first = Lanes4.Splat(value);
        result._second = Lanes4.Splat(value);
        result._third = Lanes4.Splat(value);
        result._fourth = Lanes4.Splat(value);
        return result;
    }

    /// <inheritdoc/>
    public static Lanes16 Load(ArrayView<float> source, long offset)
    {
        Lanes16 result;
        result._first = Lanes4.Load(source, offset);
        result._second = Lanes4.Load(source, offset + 4);
        result._third = Lanes4.Load(source, offset + 8);
        result._fourth = Lanes4.Load(source, offset + 12);
        return result;
    }

    /// <inheritdoc/>
    public static Lanes16 LoadRow<TTable>(TTable table, long offset)
        where TTable : struct, ITable
    {
        Lanes16 result;
        result._first = Lanes4.LoadRow(table, offset);
        result._second = Lanes4.LoadRow(table, offset + 4);
        result._third = Lanes4.LoadRow(table, offset + 8);
        result._fourth = Lanes4.LoadRow(table, offset + 12);
        return result;
    }

    /// <inheritdoc/>
    public static void Store(ArrayView<float> target, long offset, Lanes16 value)
    {
        Lanes4.Store(target, offset, value._first);
        Lanes4.Store(target, offset + 4, value._second);
        Lanes4.Store(target, offset + 8, value._third);
        Lanes4.Store(target, offset + 12, value._fourth);
    }

    /// <inheritdoc/>
    public static Lanes16 MultiplyAdd(float factor, Lanes16 value, Lanes16 sum)
    {
        Lanes16 result;
        result._first = Lanes4.MultiplyAdd(factor, value._first, sum._first);
        result._second = Lanes4.MultiplyAdd(factor, value._second, sum._second);
        result._third = Lanes4.MultiplyAdd(factor, value._third, sum._third);
        result._fourth = Lanes4.MultiplyAdd(factor, value._fourth, sum._fourth);
        return result;
    }

    /// <inheritdoc/>
    public static Lanes16 MultiplyAdd(Lanes16 left, Lanes16 right, Lanes16 sum)
    {
        Lanes16 result;
        result._first = Lanes4.MultiplyAdd(left._first, right._first, sum._first);
        result._second = Lanes4.MultiplyAdd(left._second, right._second, sum._second);
        result._third = Lanes4.MultiplyAdd(left._third, right._third, sum._third);
        result._fourth = Lanes4.MultiplyAdd(left._fourth, right._fourth, sum._fourth);
        return result;
    }

    /// <inheritdoc/>
    public static Lanes16 Add(Lanes16 left, Lanes16 right)
    {
        Lanes16 result;
        result._first = Lanes4.Add(left._first, right._first);
        result._second = Lanes4.Add(left._second, right._second);
        result._third = Lanes4.Add(left._third, right._third);
        result._fourth = Lanes4.Add(left._fourth, right._fourth);
        return result;
    }

    /// <inheritdoc/>
    public static Lanes16 Subtract(Lanes16 left, Lanes16 right)
    {
        Lanes16 result;
        result._first = Lanes4.Subtract(left._first, right._first);
        result._second = Lanes4.Subtract(left._second, right._second);
        result._third = Lanes4.Subtract(left._third, right._third);
        result._fourth = Lanes4.Subtract(left._fourth, right._fourth);
        return result;
    }

    /// <inheritdoc/>
    public static Lanes16 Multiply(Lanes16 left, Lanes16 right)
    {
        Lanes16 result;
        result._first = Lanes4.Multiply(left._first, right._first);
        result._second = Lanes4.Multiply(left._second, right._second);
        result._third = Lanes4.Multiply(left._third, right._third);
        result._fourth = Lanes4.Multiply(left._fourth, right._fourth);
        return result;
    }

    /// <inheritdoc/>
    public static Lanes16 Divide(Lanes16 left, Lanes16 right)
    {
        Lanes16 result;
        result._first = Lanes4.Divide(left._first, right._first);
        result._second = Lanes4.Divide(left._second, right._second);
        result._third = Lanes4.Divide(left._third, right._third);
        result._fourth = Lanes4.Divide(left._fourth, right._fourth);
        return result;
    }

    /// <inheritdoc/>
    public static Lanes16 Max(Lanes16 left, Lanes16 right)
    {
        Lanes16 result;
        result._first = Lanes4.Max(left._first, right._first);
        result._second = Lanes4.Max(left._second, right._second);
        result._third = Lanes4.Max(left._third, right._third);
        result._fourth = Lanes4.Max(left._fourth, right._fourth);
        return result;
    }

    /// <inheritdoc/>
    public static Lanes16 Exp(Lanes16 value)
    {
        Lanes16 result;
        result._first = Lanes4.Exp(value._first);
        result._second = Lanes4.Exp(value._second);
        result._third = Lanes4.Exp(value._third);
        result._fourth = Lanes4.Exp(value._fourth);
        return result;
    }

    /// <inheritdoc/>
    public static Lanes16 Sqrt(Lanes16 value)
    {
        Lanes16 result;
        result._first = Lanes4.Sqrt(value._first);
        result._second = Lanes4.Sqrt(value._second);
        result._third = Lanes4.Sqrt(value._third);
        result._fourth = Lanes4.Sqrt(value._fourth);
        return result;
    }

    /// <inheritdoc/>
    public static float Sum(Lanes16 value) =>
        Lanes4.Sum(Lanes4.Add(Lanes4.Add(value._first, value._second), Lanes4.Add(value._third, value._fourth)));
}
