using System.Runtime.Intrinsics;

namespace KernelPolicy.Kernels;

/// <summary>
/// Weighted sum of chosen rows: g += Σ_j c_j β_{a_j}, β [P, L], a [n], c [n] → g [L]. Accumulates. With c = w̄(r − r̄) this
/// is the weighted covariance gradient; with c = 1/n, the mean of a history.
/// </summary>
/// <remarks>
/// Bound by memory where the rows are cold: n rows of 4·stride bytes. Rows are added in the order given, four at a time.
/// </remarks>
public static unsafe class WeightedRows
{
    /// <summary>Adds the weighted rows to a sum.</summary>
    /// <param name="table">β [P, L].</param>
    /// <param name="items">Item numbers [n], each in [0, P).</param>
    /// <param name="coefficients">c [n].</param>
    /// <param name="sum">g, padded: [stride]; its padding stays zero.</param>
    /// <exception cref="ArgumentException">There are fewer coefficients than items.</exception>
    public static void Accumulate(Matrix table, ReadOnlySpan<int> items, ReadOnlySpan<float> coefficients, float* sum)
    {
        ArgumentNullException.ThrowIfNull(table);
        if (coefficients.Length < items.Length)
            throw new ArgumentException($"There are {items.Length} items but {coefficients.Length} coefficients.", nameof(coefficients));
        fixed (int* a = items)
        fixed (float* c = coefficients)
        {
            switch (SimdPath.Width)
            {
                case 512: Accumulate<Isa512, Vector512<float>>(table.Pointer, table.Stride, a, c, items.Length, sum); break;
                case 256: Accumulate<Isa256, Vector256<float>>(table.Pointer, table.Stride, a, c, items.Length, sum); break;
                default: Accumulate<Isa128, Vector128<float>>(table.Pointer, table.Stride, a, c, items.Length, sum); break;
            }
        }

        // Nothing else may hold the table while its rows are read through a pointer.
        GC.KeepAlive(table);
    }

    private static void Accumulate<TIsa, TVector>(float* table, int stride, int* items, float* c, int n, float* sum)
        where TIsa : struct, IVectorIsa<TVector>
        where TVector : struct
    {
        Prefetch.Rows(table, stride, items, 0, Prefetch.Ahead, n);
        int i = 0;
        for (; i + 4 <= n; i += 4)
        {
            Prefetch.Rows(table, stride, items, i + Prefetch.Ahead, i + Prefetch.Ahead + 4, n);
            float* r0 = table + ((long)items[i] * stride);
            float* r1 = table + ((long)items[i + 1] * stride);
            float* r2 = table + ((long)items[i + 2] * stride);
            float* r3 = table + ((long)items[i + 3] * stride);
            TVector c0 = TIsa.Broadcast(c[i]), c1 = TIsa.Broadcast(c[i + 1]);
            TVector c2 = TIsa.Broadcast(c[i + 2]), c3 = TIsa.Broadcast(c[i + 3]);
            for (int l = 0; l < stride; l += TIsa.Count)
            {
                TVector s = TIsa.Load(sum + l);
                s = TIsa.FusedMultiplyAdd(c0, TIsa.Load(r0 + l), s);
                s = TIsa.FusedMultiplyAdd(c1, TIsa.Load(r1 + l), s);
                s = TIsa.FusedMultiplyAdd(c2, TIsa.Load(r2 + l), s);
                s = TIsa.FusedMultiplyAdd(c3, TIsa.Load(r3 + l), s);
                TIsa.Store(s, sum + l);
            }
        }

        for (; i < n; i++)
        {
            float* row = table + ((long)items[i] * stride);
            TVector weight = TIsa.Broadcast(c[i]);
            for (int l = 0; l < stride; l += TIsa.Count)
                TIsa.Store(TIsa.FusedMultiplyAdd(weight, TIsa.Load(row + l), TIsa.Load(sum + l)), sum + l);
        }
    }
}
