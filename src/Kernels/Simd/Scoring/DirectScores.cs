using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

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
        if (queries == 1 && SimdPath.Width >= 256 && Avx.IsSupported)
        {
            for (; i + (2 * Together) <= n; i += 2 * Together, rows += 2 * Together * stride)
                Sixteen(lanes, columns, rows, stride, scores + i);
        }

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

    // For one query the lanes are rows: blocks of four columns are turned in registers, and no product is wasted.
    private static void Sixteen(float* lanes, int columns, float* rows, nint stride, float* scores)
    {
        Vector256<float> low = default, high = default;
        float* rows8 = rows + (8 * stride);
        int l = 0;
        for (; l + 4 <= columns; l += 4, lanes += 4 * Lanes)
        {
            Turn(rows + l, stride, out Vector256<float> a0, out Vector256<float> a1, out Vector256<float> a2, out Vector256<float> a3);
            Turn(rows8 + l, stride, out Vector256<float> b0, out Vector256<float> b1, out Vector256<float> b2, out Vector256<float> b3);
            Vector256<float> q = Vector256.Create(lanes[0]);
            low = Isa256.FusedMultiplyAdd(a0, q, low);
            high = Isa256.FusedMultiplyAdd(b0, q, high);
            q = Vector256.Create(lanes[Lanes]);
            low = Isa256.FusedMultiplyAdd(a1, q, low);
            high = Isa256.FusedMultiplyAdd(b1, q, high);
            q = Vector256.Create(lanes[2 * Lanes]);
            low = Isa256.FusedMultiplyAdd(a2, q, low);
            high = Isa256.FusedMultiplyAdd(b2, q, high);
            q = Vector256.Create(lanes[3 * Lanes]);
            low = Isa256.FusedMultiplyAdd(a3, q, low);
            high = Isa256.FusedMultiplyAdd(b3, q, high);
        }

        for (; l < columns; l++, lanes += Lanes)
        {
            Vector256<float> q = Vector256.Create(lanes[0]);
            low = Isa256.FusedMultiplyAdd(Column(rows + l, stride), q, low);
            high = Isa256.FusedMultiplyAdd(Column(rows8 + l, stride), q, high);
        }

        low.Store(scores);
        high.Store(scores + 8);
    }

    private static Vector256<float> Column(float* rows, nint stride) => Vector256.Create(
        rows[0], rows[stride], rows[2 * stride], rows[3 * stride],
        rows[4 * stride], rows[5 * stride], rows[6 * stride], rows[7 * stride]);

    /// <summary>Four columns of eight rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Turn(
        float* rows, nint stride, out Vector256<float> c0, out Vector256<float> c1, out Vector256<float> c2, out Vector256<float> c3)
    {
        float* rows4 = rows + (4 * stride);
        Vector256<float> r0 = Vector256.Create(Vector128.Load(rows), Vector128.Load(rows4));
        Vector256<float> r1 = Vector256.Create(Vector128.Load(rows + stride), Vector128.Load(rows4 + stride));
        Vector256<float> r2 = Vector256.Create(Vector128.Load(rows + (2 * stride)), Vector128.Load(rows4 + (2 * stride)));
        Vector256<float> r3 = Vector256.Create(Vector128.Load(rows + (3 * stride)), Vector128.Load(rows4 + (3 * stride)));
        Vector256<float> t0 = Avx.UnpackLow(r0, r1), t1 = Avx.UnpackHigh(r0, r1);
        Vector256<float> t2 = Avx.UnpackLow(r2, r3), t3 = Avx.UnpackHigh(r2, r3);
        c0 = Avx.Shuffle(t0, t2, 0x44);
        c1 = Avx.Shuffle(t0, t2, 0xEE);
        c2 = Avx.Shuffle(t1, t3, 0x44);
        c3 = Avx.Shuffle(t1, t3, 0xEE);
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
