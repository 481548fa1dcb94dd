using KernelPolicy.Kernels;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Items;

public sealed unsafe class LazyAdamTests
{
    private const int Rows = 5;
    private const int Columns = 19;
    private const int Steps = 30;
    private static readonly AdamOptions Options = new(0.8, 0.95, 1e-6, 0.01);

    /// <summary>Rows that a step does not touch keep values and moments; corrections count the training's steps.</summary>
    [Test]
    public void It_is_Adam_on_the_rows_that_are_touched()
    {
        using Matrix table = Seeded.Matrix(1, Rows, Columns);
        double[,] theta = Seeded.Wide(table), m = new double[Rows, Columns], v = new double[Rows, Columns];
        using LazyAdam lazy = new(Rows, Columns, Options);
        for (int t = 1; t <= Steps; t++)
        {
            using Matrix gradient = Seeded.Matrix(100 + t, Rows, Columns);
            lazy.Begin(0.01, t);
            for (int row = 0; row < Rows; row++)
            {
                if ((t + row) % (row + 1) != 0)
                    continue;
                lazy.UpdateRow(table, row, gradient.RowPointer(row));
                for (int l = 0; l < Columns; l++)
                {
                    double d = (0.01 * theta[row, l]) - gradient.Row(row)[l];
                    m[row, l] = (0.8 * m[row, l]) + (0.2 * d);
                    v[row, l] = (0.95 * v[row, l]) + (0.05 * d * d);
                    theta[row, l] -= 0.01 * (m[row, l] / (1 - Math.Pow(0.8, t))) / (Math.Sqrt(v[row, l] / (1 - Math.Pow(0.95, t))) + 1e-6);
                }
            }
        }

        // A step is rounded about ten times in numbers below 4, and there are 30.
        double rounding = 4 * Close.Gamma(10 * Steps);
        for (int row = 0; row < Rows; row++)
            Close.Values(table.Row(row), Enumerable.Range(0, Columns).Select(l => theta[row, l]).ToArray(), rounding, 0, $"row {row}");
    }

    [Test]
    public void Where_every_row_is_touched_it_is_Adam_bit_for_bit()
    {
        using WorkerTeam team = new(2);
        using Matrix one = Seeded.Matrix(1, Rows, Columns), other = Seeded.Matrix(1, Rows, Columns);
        using LazyAdam lazy = new(Rows, Columns, Options);
        using Adam adam = new(Rows, Columns, Options);
        for (int t = 1; t <= 5; t++)
        {
            using Matrix gradient = Seeded.Matrix(t, Rows, Columns);
            adam.Step(other, gradient, 0.01, t, team);
            lazy.Begin(0.01, t);
            for (int row = 0; row < Rows; row++)
                lazy.UpdateRow(one, row, gradient.RowPointer(row));
        }

        Assert.That(ItemCase.MatrixValues(one), Is.EqualTo(ItemCase.MatrixValues(other)));
    }
}
