using KernelPolicy.Kernels;
using KernelPolicy.Tests.Reference;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Simd;

[NonParallelizable]
public class OuterProductTests
{
    [Test]
    public void All_dimensions_in_and_out()
    {
        using WorkerTeam team = new(2);
        for (int dimension = 1; dimension <= 256; dimension++)
        {
            int batch = 1 + (dimension % 9), wide = 257 - dimension;
            using Matrix x = Seeded.Matrix(dimension, batch, dimension), g = Seeded.Matrix(-dimension, batch, wide);
            double[,] exactX = Seeded.Wide(x), exactG = Seeded.Wide(g);
            double[] expected = Linear.Flat(Linear.BatchGradient(exactX, Rows(exactG)));

            // B products and additions, the factor 1/B and its product with g: γ_{B+2} of the mean of |terms|.
            double[] allowed =
            [
                .. Linear.Flat(Linear.BatchGradient(Magnitudes(exactX), Rows(Magnitudes(exactG))))
                    .Select(m => Close.Gamma(batch + 2) * m),
            ];
            using MatrixView guardedX = MatrixView.Guarded(x);
            Widths.Each(width =>
            {
                using Matrix empty = new(dimension, wide);
                using MatrixView guardedG = MatrixView.Guarded(g), result = MatrixView.Guarded(empty);
                new OuterProduct().Run(guardedX.Table, guardedG.Table, result.Table, batch, team);
                Close.Within(
                    Linear.Flat(Seeded.Wide(result.Table)), expected, allowed, $"width {width}, B {batch}, [{dimension}, {wide}]");
                Assert.That(result.Table.PaddedRow(dimension - 1)[wide..].IndexOfAnyExcept(0f), Is.EqualTo(-1), "padding");
            });
        }
    }

    [Test]
    public void The_same_bits_at_any_number_of_threads() => Widths.Each(_ =>
    {
        double[,] Run(int threads)
        {
            using WorkerTeam team = new(threads);
            using Matrix x = Seeded.Matrix(1, 11, 130), g = Seeded.Matrix(2, 11, 35), result = Seeded.Matrix(3, 130, 35);
            new OuterProduct().Run(x, g, result, 11, team);
            return Seeded.Wide(result);
        }

        Assert.That(Run(2), Is.EqualTo(Run(1)));
        Assert.That(Run(3), Is.EqualTo(Run(1)));
    });

    [Test]
    public void Contexts_beyond_the_batch_do_not_count()
    {
        using WorkerTeam team = new(1);
        using Matrix x = Seeded.Matrix(1, 4, 3), g = Seeded.Matrix(2, 4, 5), result = new(3, 5), two = new(3, 5);
        x.Row(3).Fill(float.NaN);
        g.Row(3).Fill(float.NaN);
        new OuterProduct().Run(x, g, result, 3, team);
        for (int i = 0; i < 3; i++)
            Assert.That(result.Row(i).ToArray(), Has.All.Matches<float>(float.IsFinite));
    }

    [Test]
    public void Shapes_that_do_not_fit_are_refused()
    {
        using WorkerTeam team = new(1);
        using Matrix x = new(3, 4), g = new(3, 5), result = new(4, 5), wrong = new(5, 5), few = new(2, 5);
        OuterProduct product = new();
        Assert.That(() => product.Run(x, g, wrong, 3, team), Throws.ArgumentException.With.Message.Contains("[5, 5]"));
        Assert.That(() => product.Run(x, few, result, 3, team), Throws.ArgumentException);
        Assert.That(() => product.Run(x, g, result, 0, team), Throws.ArgumentException);
        Assert.That(() => product.Run(x, g, result, 4, team), Throws.ArgumentException);
    }

    private static double[][] Rows(double[,] table) =>
        [.. Enumerable.Range(0, table.GetLength(0)).Select(b => Linear.Row(table, b))];

    private static double[,] Magnitudes(double[,] table)
    {
        double[,] result = new double[table.GetLength(0), table.GetLength(1)];
        for (int i = 0; i < result.GetLength(0); i++)
        {
            for (int j = 0; j < result.GetLength(1); j++)
                result[i, j] = Math.Abs(table[i, j]);
        }

        return result;
    }
}
