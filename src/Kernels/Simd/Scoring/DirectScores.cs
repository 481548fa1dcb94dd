using System.Runtime.CompilerServices;

namespace KernelPolicy.Kernels;

/// <summary>
/// Scores of consecutive items for one query: f_i = h·β_i, h [stride], β [n, stride] → f [n]. Overwrites.
/// </summary>
/// <remarks>
/// Bound by memory: 4·n·stride bytes are read once, in order. A panel of queries would multiply each number by all its
/// lanes, of which one is wanted. Each row is summed as in <see cref="RowScores"/>, and does not depend on its
/// neighbours.
/// </remarks>
internal static unsafe class DirectScores
{
    /// <summary>Scores <paramref name="n"/> padded rows.</summary>
    public static void Score<TIsa, TVector>(float* query, float* rows, nint stride, int n, float* scores)
        where TIsa : struct, IVectorIsa<TVector>
        where TVector : struct
    {
        int i = 0;
        for (; i + 4 <= n; i += 4, rows += 4 * stride)
            Four<TIsa, TVector>(query, rows, stride, scores + i);
        for (; i < n; i++, rows += stride)
        {
            TVector sum = TIsa.Zero;
            for (nint l = 0; l < stride; l += TIsa.Count)
                sum = TIsa.FusedMultiplyAdd(TIsa.Load(query + l), TIsa.Load(rows + l), sum);
            scores[i] = TIsa.Sum(sum);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Four<TIsa, TVector>(float* query, float* rows, nint stride, float* scores)
        where TIsa : struct, IVectorIsa<TVector>
        where TVector : struct
    {
        TVector s0 = TIsa.Zero, s1 = s0, s2 = s0, s3 = s0;
        float* r1 = rows + stride;
        float* r2 = r1 + stride;
        float* r3 = r2 + stride;
        for (nint l = 0; l < stride; l += TIsa.Count)
        {
            TVector q = TIsa.Load(query + l);
            s0 = TIsa.FusedMultiplyAdd(q, TIsa.Load(rows + l), s0);
            s1 = TIsa.FusedMultiplyAdd(q, TIsa.Load(r1 + l), s1);
            s2 = TIsa.FusedMultiplyAdd(q, TIsa.Load(r2 + l), s2);
            s3 = TIsa.FusedMultiplyAdd(q, TIsa.Load(r3 + l), s3);
        }

        scores[0] = TIsa.Sum(s0);
        scores[1] = TIsa.Sum(s1);
        scores[2] = TIsa.Sum(s2);
        scores[3] = TIsa.Sum(s3);
    }
}
