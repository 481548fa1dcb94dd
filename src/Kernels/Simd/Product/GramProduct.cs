using System.Runtime.Intrinsics;

namespace KernelPolicy.Kernels;

/// <summary>G = YᵀY [l, l] in double precision, for a tall Y [rows, l].</summary>
/// <remarks>Rows are cut into a number of blocks that depends on the shape alone; blocks are summed in their order, so the
/// result is the same at any number of threads. Products of floats are exact in double.</remarks>
public sealed unsafe class GramProduct : IParallelWork
{
    private const int MostBlocks = 64;
    private const int RowsPerBlockAtLeast = 256;
    private const int RowsAtOnce = 4;

    private readonly Matrix _matrix;
    private readonly int _blocks;
    private readonly double[][] _partial;

    private GramProduct(Matrix matrix)
    {
        _matrix = matrix;
        _blocks = (int)Math.Clamp(matrix.Rows / RowsPerBlockAtLeast, 1, MostBlocks);
        _partial = new double[_blocks][];
    }

    /// <summary>The full symmetric matrix, row-major [l, l] without padding.</summary>
    public static double[] Compute(Matrix matrix, WorkerTeam team)
    {
        GramProduct work = new(matrix);
        team.Run(work, work._blocks);
        int columns = matrix.Columns;
        int stride = matrix.Stride;
        double[] gram = new double[columns * columns];
        for (int i = 0; i < columns; i++)
        {
            for (int j = i; j < columns; j++)
            {
                double sum = 0;
                foreach (double[] partial in work._partial)
                    sum += partial[(i * stride) + j];
                gram[(i * columns) + j] = gram[(j * columns) + i] = sum;
            }
        }

        return gram;
    }

    /// <inheritdoc/>
    public void Execute(int index, int worker)
    {
        int stride = _matrix.Stride;
        int columns = _matrix.Columns;
        double[] partial = new double[columns * stride];
        double[] wide = new double[RowsAtOnce * stride];
        long start = _matrix.Rows * index / _blocks;
        long end = _matrix.Rows * (index + 1) / _blocks;
        fixed (double* sum = partial, rows = wide)
        {
            for (long row = start; row < end; row += RowsAtOnce)
            {
                int count = (int)Math.Min(RowsAtOnce, end - row);
                wide.AsSpan(count * stride).Clear();
                for (int r = 0; r < count; r++)
                {
                    ReadOnlySpan<float> values = _matrix.PaddedRow(row + r);
                    for (int i = 0; i < stride; i++)
                        rows[(r * stride) + i] = values[i];
                }

                AddOuterProducts(sum, rows, columns, stride);
            }
        }

        _partial[index] = partial;
    }

    /// <summary>Adds the outer products of four rows to the upper triangle; one visit to each sum for four rows.</summary>
    private static void AddOuterProducts(double* sum, double* rows, int columns, int stride)
    {
        double* row1 = rows + stride;
        double* row2 = row1 + stride;
        double* row3 = row2 + stride;
        for (int i = 0; i < columns; i++)
        {
            Vector512<double> a0 = Vector512.Create(rows[i]);
            Vector512<double> a1 = Vector512.Create(row1[i]);
            Vector512<double> a2 = Vector512.Create(row2[i]);
            Vector512<double> a3 = Vector512.Create(row3[i]);
            double* target = sum + (i * stride);
            for (int j = i / Vector512<double>.Count * Vector512<double>.Count; j < stride; j += Vector512<double>.Count)
            {
                Vector512<double> value = Vector512.Load(target + j);
                value = (a0 * Vector512.Load(rows + j)) + value;
                value = (a1 * Vector512.Load(row1 + j)) + value;
                value = (a2 * Vector512.Load(row2 + j)) + value;
                value = (a3 * Vector512.Load(row3 + j)) + value;
                value.Store(target + j);
            }
        }
    }
}
