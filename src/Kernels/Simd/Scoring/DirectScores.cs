using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace KernelPolicy.Kernels;

/// <summary>
/// Scores of consecutive items for up to four queries: f_iq = h_q·β_i, H transposed [L, 4], β [n, stride] → f [4, n].
/// Overwrites.
/// </summary>
/// <remarks>
/// Bound by memory: 4·n·stride bytes are read once, in order. A panel of queries would multiply each number by all its
/// lanes, of which few are wanted; here there are four. Each score is summed over l from 0 upwards by one accumulator, as in
/// a panel (<see cref="MatrixProduct"/>): a query has the same scores alone as in company.
/// </remarks>
internal static unsafe class DirectScores
{
    /// <summary>Queries scored at once.</summary>
    public const int Lanes = 4;

    private const int Together = 8;

    /// <summary>Packs queries into lanes; those without a query are zero.</summary>
    /// <param name="h">H [≥ count, L].</param>
    /// <param name="count">Queries, 1 to 4.</param>
    /// <param name="lanes">Receives Hᵀ [L, 4].</param>
    public static void Pack(Matrix h, int count, Span<float> lanes)
    {
        lanes.Clear();
        for (int query = 0; query < count; query++)
        {
            ReadOnlySpan<float> row = h.Row(query);
            for (int l = 0; l < row.Length; l++)
                lanes[(l * Lanes) + query] = row[l];
        }
    }

    /// <summary>Scores <paramref name="n"/> rows.</summary>
    /// <param name="lanes">Hᵀ [L, 4].</param>
    /// <param name="columns">L.</param>
    /// <param name="queries">Queries whose scores are wanted, 1 to 4.</param>
    /// <param name="rows">β.</param>
    /// <param name="stride">Floats from one row to the next.</param>
    /// <param name="n">Rows.</param>
    /// <param name="scores">Receives the scores of each query in turn.</param>
    /// <param name="apart">Floats from one query's scores to the next's.</param>
    public static void Score(float* lanes, int columns, int queries, float* rows, nint stride, int n, float* scores, int apart)
    {
        int i = 0;
        for (; i + Together <= n; i += Together, rows += Together * stride)
            Eight(lanes, columns, queries, rows, stride, scores + i, apart);
        for (; i < n; i++, rows += stride)
        {
            Vector128<float> sum = Vector128<float>.Zero;
            for (int l = 0; l < columns; l++)
                sum = Isa128.FusedMultiplyAdd(Vector128.Create(rows[l]), Vector128.Load(lanes + (l * Lanes)), sum);
            Store(sum, queries, scores + i, apart);
        }
    }

    // Eight sums under way hide the time that a multiply-add takes.
    private static void Eight(float* lanes, int columns, int queries, float* rows, nint stride, float* scores, int apart)
    {
        Vector128<float> s0 = default, s1 = default, s2 = default, s3 = default, s4 = default, s5 = default, s6 = default, s7 = default;
        float* r4 = rows + (4 * stride);
        for (int l = 0; l < columns; l++)
        {
            Vector128<float> q = Vector128.Load(lanes + (l * Lanes));
            s0 = Isa128.FusedMultiplyAdd(Vector128.Create(rows[l]), q, s0);
            s1 = Isa128.FusedMultiplyAdd(Vector128.Create(rows[l + stride]), q, s1);
            s2 = Isa128.FusedMultiplyAdd(Vector128.Create(rows[l + (2 * stride)]), q, s2);
            s3 = Isa128.FusedMultiplyAdd(Vector128.Create(rows[l + (3 * stride)]), q, s3);
            s4 = Isa128.FusedMultiplyAdd(Vector128.Create(r4[l]), q, s4);
            s5 = Isa128.FusedMultiplyAdd(Vector128.Create(r4[l + stride]), q, s5);
            s6 = Isa128.FusedMultiplyAdd(Vector128.Create(r4[l + (2 * stride)]), q, s6);
            s7 = Isa128.FusedMultiplyAdd(Vector128.Create(r4[l + (3 * stride)]), q, s7);
        }

        Store(s0, queries, scores, apart);
        Store(s1, queries, scores + 1, apart);
        Store(s2, queries, scores + 2, apart);
        Store(s3, queries, scores + 3, apart);
        Store(s4, queries, scores + 4, apart);
        Store(s5, queries, scores + 5, apart);
        Store(s6, queries, scores + 6, apart);
        Store(s7, queries, scores + 7, apart);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector128<float> sums, int queries, float* scores, int apart)
    {
        for (int query = 0; query < queries; query++)
            scores[query * apart] = sums.GetElement(query);
    }
}
