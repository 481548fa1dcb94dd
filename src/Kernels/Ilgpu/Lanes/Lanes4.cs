using ILGPU;

namespace KernelPolicy.Kernels.Ilgpu;

/// <summary>Four numbers: what a thread of a graphics processor loads at once.</summary>
internal struct Lanes4 : ILanes<Lanes4>
{
    private float _a, _b, _c, _d;

    /// <inheritdoc/>
    public static int Count => 4;

    /// <inheritdoc/>
    public static Lanes4 Zero => default;

    /// <summary>Four given numbers.</summary>
    public static Lanes4 Of(float a, float b, float c, float d)
    {
        Lanes4 result;
        result._a = a;
        result._b = b;
        result._c = c;
        result._d = d;
        return result;
    }

    /// <inheritdoc/>
    public static Lanes4 Splat(float value)
    {
        Lanes4 result;
        result._a = value;
        result._b = value;
        result._c = value;
        result._d = value;
        return result;
    }

    /// <inheritdoc/>
    public static Lanes4 Load(ArrayView<float> source, long offset)
    {
        Lanes4 result;
        result._a = source[offset];
        result._b = source[offset + 1];
        result._c = source[offset + 2];
        result._d = source[offset + 3];
        return result;
    }

    /// <inheritdoc/>
    public static Lanes4 LoadRow<TTable>(TTable table, long offset)
        where TTable : struct, ITable => table.Four(offset);

    /// <inheritdoc/>
    public static void Store(ArrayView<float> target, long offset, Lanes4 value)
    {
        target[offset] = value._a;
        target[offset + 1] = value._b;
        target[offset + 2] = value._c;
        target[offset + 3] = value._d;
    }

    /// <inheritdoc/>
    public static Lanes4 MultiplyAdd(float factor, Lanes4 value, Lanes4 sum)
    {
        Lanes4 result;
        result._a = DeviceMath.MultiplyAdd(factor, value._a, sum._a);
        result._b = DeviceMath.MultiplyAdd(factor, value._b, sum._b);
        result._c = DeviceMath.MultiplyAdd(factor, value._c, sum._c);
        result._d = DeviceMath.MultiplyAdd(factor, value._d, sum._d);
        return result;
    }

    /// <inheritdoc/>
    public static Lanes4 MultiplyAdd(Lanes4 left, Lanes4 right, Lanes4 sum)
    {
        Lanes4 result;
        result._a = DeviceMath.MultiplyAdd(left._a, right._a, sum._a);
        result._b = DeviceMath.MultiplyAdd(left._b, right._b, sum._b);
        result._c = DeviceMath.MultiplyAdd(left._c, right._c, sum._c);
        result._d = DeviceMath.MultiplyAdd(left._d, right._d, sum._d);
        return result;
    }

    /// <inheritdoc/>
    public static Lanes4 Add(Lanes4 left, Lanes4 right)
    {
        Lanes4 result;
        result._a = left._a + right._a;
        result._b = left._b + right._b;
        result._c = left._c + right._c;
        result._d = left._d + right._d;
        return result;
    }

    /// <inheritdoc/>
    public static Lanes4 Subtract(Lanes4 left, Lanes4 right)
    {
        Lanes4 result;
        result._a = left._a - right._a;
        result._b = left._b - right._b;
        result._c = left._c - right._c;
        result._d = left._d - right._d;
        return result;
    }

    /// <inheritdoc/>
    public static Lanes4 Multiply(Lanes4 left, Lanes4 right)
    {
        Lanes4 result;
        result._a = left._a * right._a;
        result._b = left._b * right._b;
        result._c = left._c * right._c;
        result._d = left._d * right._d;
        return result;
    }

    /// <inheritdoc/>
    public static Lanes4 Divide(Lanes4 left, Lanes4 right)
    {
        Lanes4 result;
        result._a = left._a / right._a;
        result._b = left._b / right._b;
        result._c = left._c / right._c;
        result._d = left._d / right._d;
        return result;
    }

    /// <inheritdoc/>
    public static Lanes4 Max(Lanes4 left, Lanes4 right)
    {
        Lanes4 result;
        result._a = left._a > right._a ? left._a : right._a;
        result._b = left._b > right._b ? left._b : right._b;
        result._c = left._c > right._c ? left._c : right._c;
        result._d = left._d > right._d ? left._d : right._d;
        return result;
    }

    /// <inheritdoc/>
    public static Lanes4 Exp(Lanes4 value)
    {
        Lanes4 result;
        result._a = DeviceMath.Exp(value._a);
        result._b = DeviceMath.Exp(value._b);
        result._c = DeviceMath.Exp(value._c);
        result._d = DeviceMath.Exp(value._d);
        return result;
    }

    /// <inheritdoc/>
    public static Lanes4 Sqrt(Lanes4 value)
    {
        Lanes4 result;
        result._a = MathF.Sqrt(value._a);
        result._b = MathF.Sqrt(value._b);
        result._c = MathF.Sqrt(value._c);
        result._d = MathF.Sqrt(value._d);
        return result;
    }

    /// <inheritdoc/>
    public static float Sum(Lanes4 value) => (value._a + value._b) + (value._c + value._d);
}
