using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace KernelPolicy.Kernels;

/// <summary>
/// Approximate scores of chosen items from 8-bit codes: f̃_j = s·s_a·Σ_l c_l·(u_al − 128), a = a_j, [n].
/// </summary>
/// <remarks>
/// The sums are whole numbers, so that every width and instruction set gives the same score, bit for bit, and an item
/// scored by another's codes gets what the other gets by its. Bound by memory: a row is a quarter of the bytes of β's.
/// </remarks>
public static unsafe class CodeScores
{
    /// <summary>Scores the items named in <paramref name="rows"/>.</summary>
    /// <param name="query">h.</param>
    /// <param name="codes">The items' codes.</param>
    /// <param name="rows">Rows of codes [n], each in [0, P): not checked.</param>
    /// <param name="scores">Receives f̃ [n].</param>
    /// <exception cref="ArgumentException">There is less room than items, or the dimensions differ.</exception>
    public static void Gather(CodedQuery query, ItemCodes codes, ReadOnlySpan<int> rows, Span<float> scores)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(codes);
        if (scores.Length < rows.Length)
            throw new ArgumentException($"There are {rows.Length} items but room for {scores.Length} scores.", nameof(scores));
        if (query.Stride != codes.Stride)
            throw new ArgumentException($"The query has {query.Columns} dimensions, the items {codes.Columns}.", nameof(query));
        fixed (int* a = rows)
        fixed (float* f = scores, scales = codes.Scales)
        fixed (byte* exponents = codes.Exponents)
        {
            Job job = new(query.Pointer, query.Offset, query.Scale, codes.Pointer, codes.Stride, exponents, scales);
            if (SimdPath.Width >= 256 && AvxVnni.IsSupported)
                Gather<Vnni256>(job, a, rows.Length, f);
            else if (SimdPath.Width >= 256 && Avx2.IsSupported)
                Gather<Widened256>(job, a, rows.Length, f);
            else
                Gather<Widened128>(job, a, rows.Length, f);
        }

        GC.KeepAlive(query);
        GC.KeepAlive(codes);
    }

    private static void Gather<TSum>(in Job job, int* rows, int n, float* scores)
        where TSum : struct, ICodeSum
    {
        int i = 0;
        for (; i + 4 <= n; i += 4)
        {
            Vector128<int> sums = TSum.Four(
                job.Query, job.Row(rows[i]), job.Row(rows[i + 1]), job.Row(rows[i + 2]), job.Row(rows[i + 3]), job.Stride);
            Vector128<float> scales = Vector128.Create(
                job.ScaleOf(rows[i]), job.ScaleOf(rows[i + 1]), job.ScaleOf(rows[i + 2]), job.ScaleOf(rows[i + 3]));
            Vector128<float> products = Vector128.ConvertToSingle(sums - Vector128.Create(job.Offset));
            (products * (scales * job.Scale)).Store(scores + i);
        }

        for (; i < n; i++)
        {
            byte* row = job.Row(rows[i]);
            int sum = TSum.Four(job.Query, row, row, row, row, job.Stride).ToScalar();
            scores[i] = (sum - job.Offset) * (job.ScaleOf(rows[i]) * job.Scale);
        }
    }

    private readonly struct Job(sbyte* query, int offset, float scale, byte* codes, int stride, byte* exponents, float* scales)
    {
        public readonly sbyte* Query = query;
        public readonly int Offset = offset;
        public readonly float Scale = scale;
        public readonly int Stride = stride;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public byte* Row(int row) => codes + ((long)row * Stride);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public float ScaleOf(int row) => scales[exponents[row]];
    }
}
