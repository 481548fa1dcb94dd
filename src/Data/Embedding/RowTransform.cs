using System.Runtime.Intrinsics;
using KernelPolicy.Kernels;

namespace KernelPolicy.Data;

/// <summary>Y·T row by row for a small T: into Y itself or into another table.</summary>
/// <remarks>Each row is one worker's work in a fixed order: the same at any number of threads.</remarks>
internal sealed unsafe class RowTransform : IParallelWork
{
    private const int RowsPerPiece = 1024;

    private readonly Matrix _source;
    private readonly Matrix _transform;
    private readonly Matrix _target;

    private RowTransform(Matrix source, Matrix transform, Matrix target)
    {
        _source = source;
        _transform = transform;
        _target = target;
    }

    /// <summary>Overwrites <paramref name="target"/> [rows, k] with source [rows, l] · transform [l, k]; source and target
    /// may be one table.</summary>
    /// <param name="source">Rows to transform.</param>
    /// <param name="transform">Row-major [l, k].</param>
    /// <param name="target">Receives the rows.</param>
    /// <param name="team">Threads to work with.</param>
    public static void Apply(Matrix source, double[] transform, Matrix target, WorkerTeam team)
    {
        using Matrix small = new(source.Columns, target.Columns);
        for (int i = 0; i < source.Columns; i++)
        {
            Span<float> row = small.Row(i);
            for (int j = 0; j < row.Length; j++)
                row[j] = (float)transform[(i * row.Length) + j];
        }

        team.Run(new RowTransform(source, small, target), (int)((source.Rows + RowsPerPiece - 1) / RowsPerPiece));
    }

    /// <inheritdoc/>
    public void Execute(int index, int worker)
    {
        float[] copy = new float[_source.Stride];
        long start = (long)index * RowsPerPiece;
        long end = Math.Min(start + RowsPerPiece, _source.Rows);
        int stride = _target.Stride;
        float* transform = _transform.Pointer;
        for (long row = start; row < end; row++)
        {
            _source.PaddedRow(row).CopyTo(copy);
            float* target = _target.RowPointer(row);
            for (int j = 0; j < stride; j += Vector512<float>.Count)
            {
                Vector512<float> sum = Vector512<float>.Zero;
                for (int i = 0; i < _source.Columns; i++)
                {
                    sum = Vector512.FusedMultiplyAdd(
                        Vector512.Create(copy[i]), Vector512.LoadAligned(transform + ((long)i * stride) + j), sum);
                }

                sum.StoreAligned(target + j);
            }
        }
    }
}
