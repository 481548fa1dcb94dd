using KernelPolicy.Kernels;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Simd;

/// <summary>C = A·B and C += A·B, every operand ending at a page that must not be touched.</summary>
[NonParallelizable]
public unsafe class MatrixProductTests
{
    [Test]
    public void All_lengths_of_the_sum([Values] bool accumulate, [Values] bool transposed) =>
        Widths.Each(width =>
        {
            for (int k = 0; k <= 256; k++)
                Check(m: 1 + (k % 19), n: 16 * (1 + (k % 5)), k, accumulate, transposed, $"width {width}, k {k}");
        });

    [Test]
    public void All_small_shapes([Values] bool accumulate) =>
        Widths.Each(width =>
        {
            for (int m = 0; m <= 13; m++)
            {
                for (int n = 16; n <= 80; n += 16)
                    Check(m, n, k: 3, accumulate, transposed: (m & 1) == 1, $"width {width}, m {m}, n {n}");
            }
        });

    private static void Check(int m, int n, int k, bool accumulate, bool transposed, string what)
    {
        using GuardedBuffer a = Filled(1, m * k), b = Filled(2, k * n), c = Filled(3, m * n);
        double[] expected = new double[m * n], allowed = new double[m * n];
        for (int i = 0; i < m; i++)
        {
            for (int j = 0; j < n; j++)
            {
                double sum = accumulate ? c.Span[(i * n) + j] : 0, magnitude = Math.Abs(sum);
                for (int s = 0; s < k; s++)
                {
                    double term = (double)a.Span[transposed ? (s * m) + i : (i * k) + s] * b.Span[(s * n) + j];
                    sum += term;
                    magnitude += Math.Abs(term);
                }

                expected[(i * n) + j] = sum;

                // k products and k additions (one more term where C is added to), each rounded once at most.
                allowed[(i * n) + j] = Close.Gamma(k + 1) * magnitude;
            }
        }

        MatrixProduct.Multiply(
            a.Pointer, transposed ? 1 : k, transposed ? m : 1, b.Pointer, n, c.Pointer, n, m, n, k, accumulate);
        Close.Within(c.Span, expected, allowed, what);
    }

    private static GuardedBuffer Filled(int seed, int floats)
    {
        GuardedBuffer buffer = new(floats, atStart: false);
        Seeded.Floats(seed + floats, floats).CopyTo(buffer.Span);
        return buffer;
    }
}
