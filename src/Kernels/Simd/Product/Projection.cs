namespace KernelPolicy.Kernels;

/// <summary>h = xΘ for a batch: X [B, L_in], Θ [L_in, L_out] → H [B, L_out]. Overwrites.</summary>
/// <remarks>Bound by arithmetic, 2·B·L² operations. Contexts are divided among the team; the result is the same at any
/// number of threads. Not thread-safe: one call at a time.</remarks>
public sealed unsafe class Projection : IParallelWork
{
    private const int RowsPerPiece = 12;

    private Matrix? _contexts;
    private Matrix? _theta;
    private Matrix? _projected;
    private int _count;

    /// <summary>Projects the first <paramref name="count"/> rows of X.</summary>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    public void Run(Matrix contexts, Matrix theta, Matrix projected, int count, WorkerTeam team)
    {
        ArgumentNullException.ThrowIfNull(contexts);
        ArgumentNullException.ThrowIfNull(theta);
        ArgumentNullException.ThrowIfNull(projected);
        ArgumentNullException.ThrowIfNull(team);
        if (contexts.Columns != theta.Rows || projected.Columns != theta.Columns
            || count < 0 || count > contexts.Rows || count > projected.Rows)
        {
            throw new ArgumentException(
                $"X [{contexts.Rows}, {contexts.Columns}] by Θ [{theta.Rows}, {theta.Columns}] into " +
                $"H [{projected.Rows}, {projected.Columns}] for {count} rows: the shapes do not fit.");
        }

        (_contexts, _theta, _projected, _count) = (contexts, theta, projected, count);
        team.Run(this, (count + RowsPerPiece - 1) / RowsPerPiece);
    }

    void IParallelWork.Execute(int index, int worker)
    {
        Matrix x = _contexts!, theta = _theta!, h = _projected!;
        int first = index * RowsPerPiece;
        MatrixProduct.Multiply(
            x.RowPointer(first), x.Stride, 1, theta.Pointer, theta.Stride, h.RowPointer(first), h.Stride,
            Math.Min(RowsPerPiece, _count - first), h.Stride, x.Columns, accumulate: false);
    }
}
