using KernelPolicy.Kernels;
using KernelPolicy.Tests.Reference;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Simd;

[NonParallelizable]
public class ProjectionTests
{
    [Test]
    public void All_dimensions_in_and_out()
    {
        using WorkerTeam team = new(2);
        for (int dimension = 1; dimension <= 256; dimension++)
        {
            int batch = 1 + (dimension % 15), wide = 257 - dimension;
            using Matrix x = Seeded.Matrix(dimension, batch, dimension), theta = Seeded.Matrix(-dimension, dimension, wide);
            double[,] exactX = Seeded.Wide(x), exactTheta = Seeded.Wide(theta);
            using MatrixView guardedX = MatrixView.Guarded(x), guardedTheta = MatrixView.Guarded(theta);
            Widths.Each(width =>
            {
                using Matrix empty = new(batch, wide);
                using MatrixView h = MatrixView.Guarded(empty);
                new Projection().Run(guardedX.Table, guardedTheta.Table, h.Table, batch, team);
                for (int b = 0; b < batch; b++)
                {
                    double[] row = Linear.Row(exactX, b);
                    Close.Within(
                        h.Table.Row(b), Linear.Project(row, exactTheta), Allowed(row, exactTheta),
                        $"width {width}, [{batch}, {dimension}]·[{dimension}, {wide}], row {b}");
                    Assert.That(h.Table.PaddedRow(b)[wide..].IndexOfAnyExcept(0f), Is.EqualTo(-1), "padding");
                }
            });
        }
    }

    [Test]
    public void The_same_bits_at_any_number_of_threads() => Widths.Each(_ =>
    {
        using Matrix x = Seeded.Matrix(1, 61, 33), theta = Seeded.Matrix(2, 33, 47);
        using Matrix one = new(61, 47);
        using (WorkerTeam team = new(1))
            new Projection().Run(x, theta, one, 61, team);
        foreach (int threads in new[] { 2, 3 })
        {
            using Matrix many = new(61, 47);
            using WorkerTeam team = new(threads);
            new Projection().Run(x, theta, many, 61, team);
            Assert.That(Seeded.Wide(many), Is.EqualTo(Seeded.Wide(one)));
        }
    });

    [Test]
    public void Rows_beyond_the_batch_are_left_alone()
    {
        using WorkerTeam team = new(1);
        using Matrix x = Seeded.Matrix(1, 5, 4), theta = Seeded.Matrix(2, 4, 4), h = Seeded.Matrix(3, 5, 4);
        float[] last = h.Row(4).ToArray();
        new Projection().Run(x, theta, h, 4, team);
        new Projection().Run(x, theta, h, 0, team);
        Assert.That(h.Row(4).ToArray(), Is.EqualTo(last));
    }

    [Test]
    public void What_is_not_finite_shows_in_its_own_row_alone() => Widths.Each(_ =>
    {
        using WorkerTeam team = new(1);
        using Matrix x = Seeded.Matrix(1, 9, 20), theta = Seeded.Matrix(2, 20, 21), h = new(9, 21);
        x.Row(3)[7] = float.NaN;
        x.Row(8)[19] = float.PositiveInfinity;
        new Projection().Run(x, theta, h, 9, team);
        for (int b = 0; b < 9; b++)
        {
            foreach (float value in h.Row(b))
                Assert.That(float.IsNaN(value) ? 3 : float.IsInfinity(value) ? 8 : -1, Is.EqualTo(b is 3 or 8 ? b : -1));
        }
    });

    [Test]
    public void Shapes_that_do_not_fit_are_refused()
    {
        using WorkerTeam team = new(1);
        using Matrix x = new(3, 4), theta = new(4, 5), h = new(3, 5), wrong = new(3, 6), few = new(2, 5);
        Projection projection = new();
        Assert.That(() => projection.Run(wrong, theta, h, 3, team), Throws.ArgumentException.With.Message.Contains("[3, 6]"));
        Assert.That(() => projection.Run(x, theta, wrong, 3, team), Throws.ArgumentException);
        Assert.That(() => projection.Run(x, theta, few, 3, team), Throws.ArgumentException);
        Assert.That(() => projection.Run(x, theta, h, 4, team), Throws.ArgumentException);
        Assert.That(() => projection.Run(x, theta, h, -1, team), Throws.ArgumentException);
    }

    // A dot product of L terms: γ_L Σ|terms|.
    private static double[] Allowed(double[] x, double[,] theta)
    {
        double[,] magnitudes = (double[,])theta.Clone();
        for (int i = 0; i < magnitudes.GetLength(0); i++)
        {
            for (int j = 0; j < magnitudes.GetLength(1); j++)
                magnitudes[i, j] = Close.Gamma(x.Length) * Math.Abs(magnitudes[i, j]);
        }

        return Linear.Project([.. x.Select(Math.Abs)], magnitudes);
    }
}
