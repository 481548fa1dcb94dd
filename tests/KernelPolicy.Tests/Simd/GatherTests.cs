using KernelPolicy.Kernels;
using KernelPolicy.Tests.Reference;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Simd;

/// <summary>Kernels that read chosen rows: scores h·β_a, and sums Σ c β_a.</summary>
[NonParallelizable]
public unsafe class GatherTests
{
    [Test]
    public void Scores_of_all_dimensions_and_numbers_of_items()
    {
        for (int dimension = 1; dimension <= 256; dimension++)
        {
            int n = dimension % 23, catalogue = 1 + (dimension % 40);
            using Matrix table = Seeded.Matrix(dimension, catalogue, dimension);
            using MatrixView beta = MatrixView.Guarded(table, atStart: dimension % 2 == 0);
            using GuardedBuffer query = Query(dimension), scores = new(n);
            int[] items = Seeded.Items(dimension, n, catalogue);
            double[,] wide = Seeded.Wide(table);
            double[] h = Seeded.Wide(query.Span[..dimension]);
            double[] expected = [.. items.Select(a => Linear.Dot(h, Linear.Row(wide, a)))];

            // A dot product of L terms in some order: γ_L Σ|terms|.
            double[] allowed = [.. items.Select(a => Close.Gamma(dimension) * Magnitude(h, Linear.Row(wide, a)))];
            Widths.Each(width =>
            {
                scores.Span.Fill(float.NaN);
                RowScores.Gather(query.Pointer, beta.Table, items, scores.Span);
                Close.Within(scores.Span, expected, allowed, $"width {width}, L {dimension}, n {n}");
                for (int j = 0; j < n; j++)
                {
                    float alone = RowScores.Dot(query.Pointer, beta.Table.RowPointer(items[j]), beta.Table.Stride);
                    Assert.That(alone, Is.EqualTo(scores.Span[j]), "a score does not depend on the items beside it");
                }
            });
        }
    }

    [Test]
    public void Sums_of_all_dimensions_and_numbers_of_items()
    {
        for (int dimension = 1; dimension <= 256; dimension++)
        {
            int n = dimension % 23, catalogue = 1 + (dimension % 40);
            using Matrix table = Seeded.Matrix(dimension, catalogue, dimension);
            using MatrixView beta = MatrixView.Guarded(table, atStart: dimension % 2 == 0);
            using GuardedBuffer start = Query(dimension), sum = new(start.Length);
            int[] items = Seeded.Items(dimension, n, catalogue);
            float[] coefficients = Seeded.Floats(-dimension, n);
            double[,] wide = Seeded.Wide(table);
            double[] expected = Linear.WeightedRows(items, Seeded.Wide(coefficients), wide);
            double[] allowed = new double[dimension];
            for (int l = 0; l < dimension; l++)
            {
                double magnitude = Math.Abs(start.Span[l]);
                for (int j = 0; j < n; j++)
                    magnitude += Math.Abs(coefficients[j] * wide[items[j], l]);
                expected[l] += start.Span[l];

                // n products and n additions to what was there: γ_{n+1} Σ|terms|.
                allowed[l] = Close.Gamma(n + 1) * magnitude;
            }

            Widths.Each(width =>
            {
                start.Span.CopyTo(sum.Span);
                WeightedRows.Accumulate(beta.Table, items, coefficients, sum.Pointer);
                Close.Within(sum.Span[..dimension], expected, allowed, $"width {width}, L {dimension}, n {n}");
                Assert.That(sum.Span[dimension..].IndexOfAnyExcept(0f), Is.EqualTo(-1), "padding");
            });
        }
    }

    [Test]
    public void Rows_beyond_two_billion_floats_are_found() => Widths.Each(_ =>
    {
        const long Rows = 1L << 28;
        using SparseMemory memory = new(Rows * 16 * sizeof(float));
        using MatrixView view = new(Rows, 16, memory.Pointer, memory);
        int[] items = [(int)Rows - 1, 0, (1 << 27) + 1, (int)Rows - 2, 1 << 27];
        for (int j = 0; j < items.Length; j++)
            view.Table.Row(items[j]).Fill(j + 1);
        float* query = stackalloc float[16];
        new Span<float>(query, 16).Fill(1);
        float[] scores = new float[5];
        RowScores.Gather(query, view.Table, items, scores);
        Assert.That(scores, Is.EqualTo(new float[] { 16, 32, 48, 64, 80 }));
        new Span<float>(query, 16).Clear();
        WeightedRows.Accumulate(view.Table, items, [1, 10, 100, 1000, 10000], query);
        Assert.That(new Span<float>(query, 16).ToArray(), Is.All.EqualTo(54321));
    });

    [Test]
    public void Rows_that_are_not_finite_show_in_their_own_score() => Widths.Each(_ =>
    {
        using Matrix beta = Seeded.Matrix(1, 6, 5);
        using GuardedBuffer query = Query(5);
        beta.Row(1)[2] = float.NaN;
        beta.Row(4)[0] = float.PositiveInfinity;
        beta.Row(5).Clear();
        float[] scores = new float[6];
        RowScores.Gather(query.Pointer, beta, [0, 1, 2, 3, 4, 5], scores);
        Assert.That(scores[1], Is.NaN);
        Assert.That(Math.Abs(scores[4]), Is.EqualTo(float.PositiveInfinity));
        Assert.That(scores[5], Is.Zero);
        Assert.That(float.IsFinite(scores[0]) && float.IsFinite(scores[2]) && float.IsFinite(scores[3]));
    });

    [Test]
    public void Room_that_does_not_suffice_is_refused()
    {
        using Matrix beta = new(3, 4);
        using GuardedBuffer query = Query(4);
        Assert.That(() => RowScores.Gather(query.Pointer, beta, [0, 1], new float[1]), Throws.ArgumentException);
        Assert.That(() => WeightedRows.Accumulate(beta, [0, 1], new float[1], query.Pointer), Throws.ArgumentException);
    }

    /// <summary>A padded row of random values, its padding zero.</summary>
    private static GuardedBuffer Query(int dimension)
    {
        GuardedBuffer query = new(Matrix.PaddedLength(dimension));
        Seeded.Floats(7 * dimension, dimension).CopyTo(query.Span);
        return query;
    }

    private static double Magnitude(double[] a, double[] b) => a.Zip(b, (x, y) => Math.Abs(x * y)).Sum();
}
