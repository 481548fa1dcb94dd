using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KernelPolicy.Kernels;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Simd;

/// <summary>8-bit codes: what they lose, and that their scores are the same whole numbers on every path.</summary>
[NonParallelizable]
public sealed unsafe class CodesTests
{
    [TestCase(1)]
    [TestCase(63)]
    [TestCase(64)]
    [TestCase(65)]
    [TestCase(100)]
    [TestCase(256)]
    public void A_code_is_within_half_a_step_of_its_number_and_a_step_is_no_larger_than_needed(int dimension)
    {
        using Matrix items = Seeded.Matrix(dimension, 50, dimension);
        for (int row = 0; row < items.Rows; row++)
        {
            // Norms over nine powers of ten, and a row of zeros.
            float scale = row == 7 ? 0 : MathF.Pow(10, (row % 10) - 5);
            foreach (ref float value in items.Row(row))
                value *= scale;
        }

        int[] order = [.. Enumerable.Range(0, 50).Reverse()];
        using WorkerTeam team = new(2);
        using ItemCodes codes = ItemCodes.Encode(items, order, team);
        Assert.That(codes.Stride % 64, Is.Zero);
        for (int row = 0; row < 50; row++)
        {
            Span<float> values = items.Row(order[row]);
            ReadOnlySpan<byte> coded = codes.Row(row);
            float largest = 0;
            for (int l = 0; l < dimension; l++)
            {
                largest = Math.Max(largest, Math.Abs(values[l]));

                // The products and the division round: a hundred-thousandth of a step, times 127 steps.
                Assert.That(codes.Scale(row) * (coded[l] - ItemCodes.Zero), Is.EqualTo(values[l]).Within(codes.Scale(row) * 0.5002));
            }

            Assert.That(coded[dimension..].IndexOfAnyExcept(ItemCodes.Zero), Is.EqualTo(-1), "padding");

            // Scales reach down 2^-32 from the largest.
            if (largest > 0 && codes.Scale(row) > codes.Scales[0])
                Assert.That(codes.Scale(row), Is.InRange(largest / 127 * 0.9999f, largest / 127 * 1.0906f), "2^(1/8) = 1.0905");
        }
    }

    [Test]
    public void Scores_are_the_sums_of_the_codes_on_every_width()
    {
        using WorkerTeam team = new(1);
        for (int dimension = 1; dimension <= 200; dimension += 7)
        {
            int n = dimension % 23;
            using Matrix items = Seeded.Matrix(dimension, 30, dimension);
            using ItemCodes codes = ItemCodes.Encode(items, [], team);
            using CodedQuery query = new(dimension);
            query.Set(Seeded.Floats(-dimension, dimension));
            int[] rows = Seeded.Items(dimension, n, 30);
            float[] expected = [.. rows.Select(row => Sum(query.Codes, codes.Row(row)) * (codes.Scale(row) * query.Scale))];
            float[] scores = new float[n];
            Widths.Each(width =>
            {
                scores.AsSpan().Fill(float.NaN);
                CodeScores.Gather(query, codes, rows, scores);
                Assert.That(scores, Is.EqualTo(expected), $"width {width}, L {dimension}");
            });
        }
    }

    [Test]
    public void Every_way_to_sum_is_exact_at_the_extremes()
    {
        using GuardedBuffer c = new(32), u = new(32);
        sbyte* codes = (sbyte*)c.Pointer;
        byte* row = (byte*)u.Pointer;
        foreach ((sbyte signed, byte unsigned) in new[] { ((sbyte)127, (byte)255), ((sbyte)-127, (byte)255), ((sbyte)-127, (byte)1), ((sbyte)3, (byte)0) })
        {
            new Span<sbyte>(codes, 128).Fill(signed);
            new Span<byte>(row, 128).Fill(unsigned);
            Vector128<int> expected = Vector128.Create(128 * signed * unsigned);
            Assert.That(Widened128.Four(codes, row, row, row, row, 128), Is.EqualTo(expected));
            if (Avx2.IsSupported)
                Assert.That(Widened256.Four(codes, row, row, row, row, 128), Is.EqualTo(expected));
            if (AvxVnni.IsSupported)
                Assert.That(Vnni256.Four(codes, row, row, row, row, 128), Is.EqualTo(expected));
        }
    }

    [Test]
    public void Two_items_score_each_other_alike()
    {
        using WorkerTeam team = new(1);
        using Matrix items = Seeded.Matrix(5, 40, 70);
        using ItemCodes codes = ItemCodes.Encode(items, [], team);
        using CodedQuery query = new(70);
        float[] one = new float[1], other = new float[1];
        for (int a = 0; a < 40; a++)
        {
            for (int b = 0; b < 40; b++)
            {
                query.Set(codes, a);
                CodeScores.Gather(query, codes, [b], one);
                query.Set(codes, b);
                CodeScores.Gather(query, codes, [a], other);
                Assert.That(one[0], Is.EqualTo(other[0]));
            }
        }
    }

    [Test]
    public void Errors_of_scores_are_as_small_as_stated()
    {
        using WorkerTeam team = new(2);
        using Matrix items = Seeded.Matrix(6, 2000, 100);
        using ItemCodes codes = ItemCodes.Encode(items, [], team);
        using CodedQuery query = new(100);
        float[] h = Seeded.Floats(7, 100);
        query.Set(h);
        int[] rows = [.. Enumerable.Range(0, 2000)];
        float[] scores = new float[2000];
        CodeScores.Gather(query, codes, rows, scores);
        double error = 0, variance = 0;
        for (int row = 0; row < 2000; row++)
        {
            double exact = 0;
            for (int l = 0; l < 100; l++)
                exact += (double)h[l] * items.Row(row)[l];
            error += Math.Pow(scores[row] - exact, 2) / 2000;
            variance += exact * exact / 2000;
        }

        // Query and items are both coded: 0.6 % each, √2 of it together, and 2 % sampling error of the estimate.
        Assert.That(Math.Sqrt(error / variance), Is.LessThan(0.01));
    }

    [Test]
    public void Misuse_is_named()
    {
        using WorkerTeam team = new(1);
        using Matrix items = Seeded.Matrix(5, 3, 70);
        using ItemCodes codes = ItemCodes.Encode(items, [], team);
        using CodedQuery query = new(70), longer = new(200);
        Assert.Throws<ArgumentException>(() => CodeScores.Gather(query, codes, [0, 1], new float[1]));
        Assert.Throws<ArgumentException>(() => CodeScores.Gather(longer, codes, [0], new float[1]));
        Assert.Throws<ArgumentException>(() => query.Set(new float[69]));
        Assert.Throws<ArgumentOutOfRangeException>(() => query.Set(codes, 3));
        query.Set(Enumerable.Repeat(float.NaN, 70).ToArray());
        CodeScores.Gather(query, codes, [0, 1, 2], new float[3]);
    }

    private static int Sum(ReadOnlySpan<sbyte> c, ReadOnlySpan<byte> u)
    {
        int sum = 0;
        for (int l = 0; l < c.Length; l++)
            sum += c[l] * (u[l] - ItemCodes.Zero);
        return sum;
    }
}
