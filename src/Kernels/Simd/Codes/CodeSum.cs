using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace KernelPolicy.Kernels;

/// <summary>Σ_l c_l·u_l of one query's signed codes with the unsigned codes of four rows of a length divisible by 64: exact
/// in 32 bits, since |c·u| ≤ 127·255 and rows are shorter than 2^16.</summary>
internal unsafe interface ICodeSum
{
    static abstract Vector128<int> Four(sbyte* c, byte* u0, byte* u1, byte* u2, byte* u3, int length);
}

/// <summary>By the instruction made for it: four products and their sum a lane.</summary>
internal readonly unsafe struct Vnni256 : ICodeSum
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Four(sbyte* c, byte* u0, byte* u1, byte* u2, byte* u3, int length)
    {
        Vector256<int> s0 = default, s1 = default, s2 = default, s3 = default;
        for (int l = 0; l < length; l += 32)
        {
            Vector256<sbyte> q = Vector256.Load(c + l);
            s0 = AvxVnni.MultiplyWideningAndAdd(s0, Vector256.Load(u0 + l), q);
            s1 = AvxVnni.MultiplyWideningAndAdd(s1, Vector256.Load(u1 + l), q);
            s2 = AvxVnni.MultiplyWideningAndAdd(s2, Vector256.Load(u2 + l), q);
            s3 = AvxVnni.MultiplyWideningAndAdd(s3, Vector256.Load(u3 + l), q);
        }

        return Widened256.Join(s0, s1, s2, s3);
    }
}

/// <summary>By 16-bit products of widened codes.</summary>
internal readonly unsafe struct Widened256 : ICodeSum
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Four(sbyte* c, byte* u0, byte* u1, byte* u2, byte* u3, int length)
    {
        Vector256<int> s0 = default, s1 = default, s2 = default, s3 = default;
        for (int l = 0; l < length; l += 16)
        {
            Vector256<short> q = Avx2.ConvertToVector256Int16(c + l);
            s0 += Avx2.MultiplyAddAdjacent(Avx2.ConvertToVector256Int16(u0 + l), q);
            s1 += Avx2.MultiplyAddAdjacent(Avx2.ConvertToVector256Int16(u1 + l), q);
            s2 += Avx2.MultiplyAddAdjacent(Avx2.ConvertToVector256Int16(u2 + l), q);
            s3 += Avx2.MultiplyAddAdjacent(Avx2.ConvertToVector256Int16(u3 + l), q);
        }

        return Join(s0, s1, s2, s3);
    }

    /// <summary>The sums of four vectors, side by side.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Join(Vector256<int> s0, Vector256<int> s1, Vector256<int> s2, Vector256<int> s3)
    {
        Vector256<int> all = Avx2.HorizontalAdd(Avx2.HorizontalAdd(s0, s1), Avx2.HorizontalAdd(s2, s3));
        return all.GetLower() + all.GetUpper();
    }
}

/// <summary>By 16-bit products that any processor with 128-bit vectors has: 127·255 fits 15 bits.</summary>
internal readonly unsafe struct Widened128 : ICodeSum
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Four(sbyte* c, byte* u0, byte* u1, byte* u2, byte* u3, int length)
    {
        Vector128<int> s0 = default, s1 = default, s2 = default, s3 = default;
        for (int l = 0; l < length; l += 16)
        {
            (Vector128<short> low, Vector128<short> high) = Vector128.Widen(Vector128.Load(c + l));
            s0 += Products(u0 + l, low, high);
            s1 += Products(u1 + l, low, high);
            s2 += Products(u2 + l, low, high);
            s3 += Products(u3 + l, low, high);
        }

        return Vector128.Create(Vector128.Sum(s0), Vector128.Sum(s1), Vector128.Sum(s2), Vector128.Sum(s3));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Products(byte* u, Vector128<short> low, Vector128<short> high)
    {
        (Vector128<ushort> uLow, Vector128<ushort> uHigh) = Vector128.Widen(Vector128.Load(u));
        (Vector128<int> a, Vector128<int> b) = Vector128.Widen(uLow.AsInt16() * low);
        (Vector128<int> d, Vector128<int> e) = Vector128.Widen(uHigh.AsInt16() * high);
        return (a + b) + (d + e);
    }
}
