namespace KernelPolicy.Kernels;

/// <summary>
/// Sum of outer products over a batch: grad = (1/B)·XᵀG, X [B, L_in], G [B, L_out] → [L_in, L_out]. Overwrites.
/// </summary>
/// <remarks>Bound by arithmetic, 2·B·L² operations; no [B, L, L] array is formed. Rows of the result are divided among
/// the team, each summed over the batch in order; the same at any number of threads. Scales G by 1/B in place. Not
/// thread-safe: one call at a time.</remarks>
public sealed unsafe class OuterProduct : IParallelWork
{
    private const int RowsPerPiece = 48;

    private Matrix? _contexts;
    private Matrix? _gradients;
    private Matrix? _result;
    private int _count;

    /// <summary>Averages xᵀg over the first <paramref name="count"/> rows.</summary>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    public void Run(Matrix contexts, Matrix gradients, Matrix result, int count, WorkerTeam team)
    {
        ArgumentNullException.ThrowIfNull(contexts);
        ArgumentNullException.ThrowIfNull(gradients);
        ArgumentNullException.ThrowIfNull(result);
        ArgumentNullException.ThrowIfNull(team);
        if (contexts.Columns != result.Rows || gradients.Columns != result.Columns
            || count < 1 || count > contexts.Rows || count > gradients.Rows)
        {
            throw new ArgumentException(
                $"X [{contexts.Rows}, {contexts.Columns}], G [{gradients.Rows}, {gradients.Columns}] into " +
                $"[{result.Rows}, {result.Columns}] for {count} rows: the shapes do not fit.");
        }

        (_contexts, _gradients, _result, _count) = (contexts, gradients, result, count);
        float scale = 1f / count;
        for (int b = 0; b < count; b++)
        {
            Span<float> g = gradients.Row(b);
            System.Numerics.Tensors.TensorPrimitives.Multiply(g, scale, g);
        }

        team.Run(this, ((int)result.Rows + RowsPerPiece - 1) / RowsPerPiece);
    }

    void IParallelWork.Execute(int index, int worker)
    {
        Matrix x = _contexts!, g = _gradients!, result = _result!;
        int first = index * RowsPerPiece;
        MatrixProduct.Multiply(
            x.Pointer + first, 1, x.Stride, g.Pointer, g.Stride, result.RowPointer(first), result.Stride,
            Math.Min(RowsPerPiece, (int)result.Rows - first), result.Stride, _count, accumulate: false);
    }
}
