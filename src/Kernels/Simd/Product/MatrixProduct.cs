using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace KernelPolicy.Kernels;

/// <summary>
/// C[m, n] = Σ_k A(m, k)·B[k, n], or C += that. A is read through two strides, so that the same body multiplies by A or by
/// its transpose; B and C are row-major with n a multiple of 16.
/// </summary>
/// <remarks>
/// <para>Bound by arithmetic: a tile of 6 rows × 2 vectors keeps 12 sums in registers, and each step of k costs 6
/// broadcasts, 2 loads and 12 fused multiply-adds.</para>
/// <para>Every element is summed over k from 0 upwards by one accumulator (starting from C where C is added to), so that
/// its value does not depend on how m and n are divided among threads.</para>
/// </remarks>
internal static unsafe class MatrixProduct
{
    /// <summary>Rows of a tile.</summary>
    public const int TileRows = 6;

    private const int FewerRows = 4;

    /// <summary>Multiplies.</summary>
    /// <param name="a">A: element (i, j) at a[i·aRow + j·aColumn].</param>
    /// <param name="aRow">Floats from one row of A to the next.</param>
    /// <param name="aColumn">Floats from one column of A to the next.</param>
    /// <param name="b">B [k, n].</param>
    /// <param name="bStride">Floats from one row of B to the next.</param>
    /// <param name="c">C [m, n].</param>
    /// <param name="cStride">Floats from one row of C to the next.</param>
    /// <param name="m">Rows of A and C.</param>
    /// <param name="n">Columns of B and C, a multiple of 16.</param>
    /// <param name="k">Columns of A, rows of B.</param>
    /// <param name="accumulate">Whether to add to C rather than overwrite it.</param>
    public static void Multiply(
        float* a, nint aRow, nint aColumn, float* b, nint bStride, float* c, nint cStride, int m, int n, int k, bool accumulate)
    {
        switch (SimdPath.Width)
        {
            case 512:
                Multiply<Isa512, Vector512<float>>(a, aRow, aColumn, b, bStride, c, cStride, m, n, k, accumulate);
                break;
            case 256:
                Multiply<Isa256, Vector256<float>>(a, aRow, aColumn, b, bStride, c, cStride, m, n, k, accumulate);
                break;
            default:
                Multiply<Isa128, Vector128<float>>(a, aRow, aColumn, b, bStride, c, cStride, m, n, k, accumulate);
                break;
        }
    }

    /// <inheritdoc cref="Multiply(float*, nint, nint, float*, nint, float*, nint, int, int, int, bool)"/>
    public static void Multiply<TIsa, TVector>(
        float* a, nint aRow, nint aColumn, float* b, nint bStride, float* c, nint cStride, int m, int n, int k, bool accumulate)
        where TIsa : struct, IVectorIsa<TVector>
        where TVector : struct
    {
        int column = 0;
        for (; column + (2 * TIsa.Count) <= n; column += 2 * TIsa.Count)
        {
            int row = 0;
            for (; row + TileRows <= m; row += TileRows)
            {
                Tile<TIsa, TVector>(
                    a + (row * aRow), aRow, aColumn, b + column, bStride, c + (row * cStride) + column, cStride, k, accumulate);
            }

            // What 64, 100, 256 and 1000 leave: row by row each step would wait for the sums of the last.
            for (; row + FewerRows <= m; row += FewerRows)
            {
                FewerTile<TIsa, TVector>(
                    a + (row * aRow), aRow, aColumn, b + column, bStride, c + (row * cStride) + column, cStride, k, accumulate);
            }

            for (; row < m; row++)
            {
                RowOfTwo<TIsa, TVector>(
                    a + (row * aRow), aColumn, b + column, bStride, c + (row * cStride) + column, k, accumulate);
            }
        }

        for (; column < n; column += TIsa.Count)
        {
            for (int row = 0; row < m; row++)
            {
                RowOfOne<TIsa, TVector>(
                    a + (row * aRow), aColumn, b + column, bStride, c + (row * cStride) + column, k, accumulate);
            }
        }
    }

    /// <summary>Multiplies one tile: m = <see cref="TileRows"/>, n two vectors.</summary>
    /// <remarks>Not inlined: alone in its method, the tile has all registers to itself.</remarks>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Tile<TIsa, TVector>(
        float* a, nint aRow, nint aColumn, float* b, nint bStride, float* c, nint cStride, int k, bool accumulate)
        where TIsa : struct, IVectorIsa<TVector>
        where TVector : struct
    {
        int w = TIsa.Count;
        TVector c00 = TIsa.Zero, c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00;
        TVector c30 = c00, c31 = c00, c40 = c00, c41 = c00, c50 = c00, c51 = c00;
        if (accumulate)
        {
            c00 = TIsa.Load(c);
            c01 = TIsa.Load(c + w);
            c10 = TIsa.Load(c + cStride);
            c11 = TIsa.Load(c + cStride + w);
            c20 = TIsa.Load(c + (2 * cStride));
            c21 = TIsa.Load(c + (2 * cStride) + w);
            c30 = TIsa.Load(c + (3 * cStride));
            c31 = TIsa.Load(c + (3 * cStride) + w);
            c40 = TIsa.Load(c + (4 * cStride));
            c41 = TIsa.Load(c + (4 * cStride) + w);
            c50 = TIsa.Load(c + (5 * cStride));
            c51 = TIsa.Load(c + (5 * cStride) + w);
        }

        float* a1 = a + aRow;
        float* a2 = a1 + aRow;
        float* a3 = a2 + aRow;
        float* a4 = a3 + aRow;
        float* a5 = a4 + aRow;
        nint offset = 0;
        for (int step = 0; step < k; step++)
        {
            TVector b0 = TIsa.Load(b);
            TVector b1 = TIsa.Load(b + w);
            b += bStride;
            TVector x = TIsa.Broadcast(a[offset]);
            c00 = TIsa.FusedMultiplyAdd(x, b0, c00);
            c01 = TIsa.FusedMultiplyAdd(x, b1, c01);
            x = TIsa.Broadcast(a1[offset]);
            c10 = TIsa.FusedMultiplyAdd(x, b0, c10);
            c11 = TIsa.FusedMultiplyAdd(x, b1, c11);
            x = TIsa.Broadcast(a2[offset]);
            c20 = TIsa.FusedMultiplyAdd(x, b0, c20);
            c21 = TIsa.FusedMultiplyAdd(x, b1, c21);
            x = TIsa.Broadcast(a3[offset]);
            c30 = TIsa.FusedMultiplyAdd(x, b0, c30);
            c31 = TIsa.FusedMultiplyAdd(x, b1, c31);
            x = TIsa.Broadcast(a4[offset]);
            c40 = TIsa.FusedMultiplyAdd(x, b0, c40);
            c41 = TIsa.FusedMultiplyAdd(x, b1, c41);
            x = TIsa.Broadcast(a5[offset]);
            c50 = TIsa.FusedMultiplyAdd(x, b0, c50);
            c51 = TIsa.FusedMultiplyAdd(x, b1, c51);
            offset += aColumn;
        }

        TIsa.Store(c00, c);
        TIsa.Store(c01, c + w);
        TIsa.Store(c10, c + cStride);
        TIsa.Store(c11, c + cStride + w);
        TIsa.Store(c20, c + (2 * cStride));
        TIsa.Store(c21, c + (2 * cStride) + w);
        TIsa.Store(c30, c + (3 * cStride));
        TIsa.Store(c31, c + (3 * cStride) + w);
        TIsa.Store(c40, c + (4 * cStride));
        TIsa.Store(c41, c + (4 * cStride) + w);
        TIsa.Store(c50, c + (5 * cStride));
        TIsa.Store(c51, c + (5 * cStride) + w);
    }

    /// <summary>Multiplies a tile of <see cref="FewerRows"/> rows: 8 sums, as many as two units of a latency of four keep under way.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void FewerTile<TIsa, TVector>(
        float* a, nint aRow, nint aColumn, float* b, nint bStride, float* c, nint cStride, int k, bool accumulate)
        where TIsa : struct, IVectorIsa<TVector>
        where TVector : struct
    {
        int w = TIsa.Count;
        TVector c00 = TIsa.Zero, c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00;
        if (accumulate)
        {
            c00 = TIsa.Load(c);
            c01 = TIsa.Load(c + w);
            c10 = TIsa.Load(c + cStride);
            c11 = TIsa.Load(c + cStride + w);
            c20 = TIsa.Load(c + (2 * cStride));
            c21 = TIsa.Load(c + (2 * cStride) + w);
            c30 = TIsa.Load(c + (3 * cStride));
            c31 = TIsa.Load(c + (3 * cStride) + w);
        }

        float* a1 = a + aRow;
        float* a2 = a1 + aRow;
        float* a3 = a2 + aRow;
        nint offset = 0;
        for (int step = 0; step < k; step++)
        {
            TVector b0 = TIsa.Load(b);
            TVector b1 = TIsa.Load(b + w);
            b += bStride;
            TVector x = TIsa.Broadcast(a[offset]);
            c00 = TIsa.FusedMultiplyAdd(x, b0, c00);
            c01 = TIsa.FusedMultiplyAdd(x, b1, c01);
            x = TIsa.Broadcast(a1[offset]);
            c10 = TIsa.FusedMultiplyAdd(x, b0, c10);
            c11 = TIsa.FusedMultiplyAdd(x, b1, c11);
            x = TIsa.Broadcast(a2[offset]);
            c20 = TIsa.FusedMultiplyAdd(x, b0, c20);
            c21 = TIsa.FusedMultiplyAdd(x, b1, c21);
            x = TIsa.Broadcast(a3[offset]);
            c30 = TIsa.FusedMultiplyAdd(x, b0, c30);
            c31 = TIsa.FusedMultiplyAdd(x, b1, c31);
            offset += aColumn;
        }

        TIsa.Store(c00, c);
        TIsa.Store(c01, c + w);
        TIsa.Store(c10, c + cStride);
        TIsa.Store(c11, c + cStride + w);
        TIsa.Store(c20, c + (2 * cStride));
        TIsa.Store(c21, c + (2 * cStride) + w);
        TIsa.Store(c30, c + (3 * cStride));
        TIsa.Store(c31, c + (3 * cStride) + w);
    }

    private static void RowOfTwo<TIsa, TVector>(
        float* a, nint aColumn, float* b, nint bStride, float* c, int k, bool accumulate)
        where TIsa : struct, IVectorIsa<TVector>
        where TVector : struct
    {
        TVector c0 = accumulate ? TIsa.Load(c) : TIsa.Zero;
        TVector c1 = accumulate ? TIsa.Load(c + TIsa.Count) : TIsa.Zero;
        for (int step = 0; step < k; step++, a += aColumn, b += bStride)
        {
            TVector x = TIsa.Broadcast(*a);
            c0 = TIsa.FusedMultiplyAdd(x, TIsa.Load(b), c0);
            c1 = TIsa.FusedMultiplyAdd(x, TIsa.Load(b + TIsa.Count), c1);
        }

        TIsa.Store(c0, c);
        TIsa.Store(c1, c + TIsa.Count);
    }

    private static void RowOfOne<TIsa, TVector>(
        float* a, nint aColumn, float* b, nint bStride, float* c, int k, bool accumulate)
        where TIsa : struct, IVectorIsa<TVector>
        where TVector : struct
    {
        TVector c0 = accumulate ? TIsa.Load(c) : TIsa.Zero;
        for (int step = 0; step < k; step++, a += aColumn, b += bStride)
            c0 = TIsa.FusedMultiplyAdd(TIsa.Broadcast(*a), TIsa.Load(b), c0);
        TIsa.Store(c0, c);
    }
}
