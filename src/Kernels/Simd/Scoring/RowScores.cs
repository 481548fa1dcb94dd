using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace KernelPolicy.Kernels;

/// <summary>
/// Scores of chosen items: f_j = h·β_{a_j}, h [L], β [P, L], a [n] → f [n]. Overwrites.
/// </summary>
/// <remarks>
/// Bound by memory: n random rows of 4·stride bytes. Rows are asked for several ahead of their use. Each row is summed by
/// one accumulator in the order of its vectors, so that a score does not depend on the items beside it.
/// </remarks>
public static unsafe class RowScores
{
    /// <summary>Scores the items named in <paramref name="items"/>.</summary>
    /// <param name="query">h, padded: [stride], its padding zero.</param>
    /// <param name="table">β [P, L].</param>
    /// <param name="items">Item numbers [n], each in [0, P).</param>
    /// <param name="scores">Receives f [n].</param>
    /// <exception cref="ArgumentException">There is less room than items.</exception>
    public static void Gather(float* query, Matrix table, ReadOnlySpan<int> items, Span<float> scores)
    {
        ArgumentNullException.ThrowIfNull(table);
        if (scores.Length < items.Length)
            throw new ArgumentException($"There are {items.Length} items but room for {scores.Length} scores.", nameof(scores));
        fixed (int* a = items)
        fixed (float* f = scores)
        {
            switch (SimdPath.Width)
            {
                case 512: Gather<Isa512, Vector512<float>>(query, table.Pointer, table.Stride, a, items.Length, f); break;
                case 256: Gather<Isa256, Vector256<float>>(query, table.Pointer, table.Stride, a, items.Length, f); break;
                default: Gather<Isa128, Vector128<float>>(query, table.Pointer, table.Stride, a, items.Length, f); break;
            }
        }

        // Nothing else may hold the table while its rows are read through a pointer.
        GC.KeepAlive(table);
    }

    /// <summary>The inner product of two padded rows of <paramref name="stride"/> floats.</summary>
    public static float Dot(float* a, float* b, int stride) => SimdPath.Width switch
    {
        512 => Dot<Isa512, Vector512<float>>(a, b, stride),
        256 => Dot<Isa256, Vector256<float>>(a, b, stride),
        _ => Dot<Isa128, Vector128<float>>(a, b, stride),
    };

    private static void Gather<TIsa, TVector>(float* h, float* table, int stride, int* items, int n, float* scores)
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
            TVector s0 = TIsa.Zero, s1 = TIsa.Zero, s2 = TIsa.Zero, s3 = TIsa.Zero;
            for (int l = 0; l < stride; l += TIsa.Count)
            {
                TVector q = TIsa.Load(h + l);
                s0 = TIsa.FusedMultiplyAdd(q, TIsa.Load(r0 + l), s0);
                s1 = TIsa.FusedMultiplyAdd(q, TIsa.Load(r1 + l), s1);
                s2 = TIsa.FusedMultiplyAdd(q, TIsa.Load(r2 + l), s2);
                s3 = TIsa.FusedMultiplyAdd(q, TIsa.Load(r3 + l), s3);
            }

            scores[i] = TIsa.Sum(s0);
            scores[i + 1] = TIsa.Sum(s1);
            scores[i + 2] = TIsa.Sum(s2);
            scores[i + 3] = TIsa.Sum(s3);
        }

        for (; i < n; i++)
            scores[i] = Dot<TIsa, TVector>(h, table + ((long)items[i] * stride), stride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Dot<TIsa, TVector>(float* a, float* b, int stride)
        where TIsa : struct, IVectorIsa<TVector>
        where TVector : struct
    {
        TVector sum = TIsa.Zero;
        for (int l = 0; l < stride; l += TIsa.Count)
            sum = TIsa.FusedMultiplyAdd(TIsa.Load(a + l), TIsa.Load(b + l), sum);
        return TIsa.Sum(sum);
    }
}
