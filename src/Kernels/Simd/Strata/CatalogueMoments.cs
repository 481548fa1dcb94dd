namespace KernelPolicy.Kernels;

/// <summary>
/// Sums over the whole catalogue that make linear functions of the score exact: s = Σ_a β_a [L] and M = Σ_a β_a β_aᵀ [L, L], so
/// that Σ_a f_a = h·s and Σ_a f_a β_a = M h; and ‖β_a‖² of each item.
/// </summary>
/// <remarks>
/// Made once for a β that does not change, at 2·P·L² operations in double precision; the same at any number of threads. Immutable but
/// for <see cref="UpdateNorms"/>: else safe for concurrent use (algorithm.md, item 5, "linear control variate").
/// </remarks>
public sealed unsafe class CatalogueMoments : IDisposable
{
    private readonly float[] _squaredNorms;

    private CatalogueMoments(Matrix sum, Matrix product, float[] squaredNorms, double largestNorm)
    {
        (Sum, Product, _squaredNorms, LargestNorm) = (sum, product, squaredNorms, largestNorm);
    }

    /// <summary>P.</summary>
    public int Catalogue => _squaredNorms.Length;

    /// <summary>s, one row [1, L].</summary>
    public Matrix Sum { get; }

    /// <summary>M [L, L].</summary>
    public Matrix Product { get; }

    /// <summary>‖β_a‖² [P].</summary>
    public ReadOnlySpan<float> SquaredNorms => _squaredNorms;

    /// <summary>max_a ‖β_a‖: no score exceeds ‖h‖ times this.</summary>
    public double LargestNorm { get; private set; }

    /// <summary>Takes the norms of rows that have changed; <see cref="LargestNorm"/> never falls. <see cref="Sum"/> and
    /// <see cref="Product"/> stay those of the old rows: no estimate may use them thereafter.</summary>
    /// <remarks>To keep them too would cost 2·L² operations a changed row, more than the rest of a step.</remarks>
    /// <param name="items">β [P, L].</param>
    /// <param name="changed">Which rows.</param>
    public void UpdateNorms(Matrix items, ReadOnlySpan<int> changed)
    {
        ArgumentNullException.ThrowIfNull(items);
        float largest = 0;
        foreach (int item in changed)
        {
            float* row = items.RowPointer(item);
            largest = Math.Max(largest, _squaredNorms[item] = RowScores.Dot(row, row, items.Stride));
        }

        LargestNorm = Math.Max(LargestNorm, Math.Sqrt(largest));
    }

    /// <summary>Sums over the items.</summary>
    /// <param name="items">β [P, L], P at least 1.</param>
    /// <param name="team">Threads to use.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no item, or there are more than 2^31 − 1.</exception>
    public static CatalogueMoments Compute(Matrix items, WorkerTeam team)
    {
        ArgumentNullException.ThrowIfNull(items);
        ArgumentNullException.ThrowIfNull(team);
        if (items.Rows is < 1 or > int.MaxValue)
            throw new ArgumentOutOfRangeException(nameof(items), items.Rows, $"The catalogue must have 1 to {int.MaxValue} items.");
        int dimension = items.Columns;
        double[] gram = GramProduct.Compute(items, team);
        Matrix product = new(dimension, dimension), sum = new(1, dimension);
        for (int i = 0; i < dimension; i++)
        {
            for (int j = 0; j < dimension; j++)
                product.Row(i)[j] = (float)gram[(i * dimension) + j];
        }

        RowSums rows = new(items);
        team.Run(rows, rows.Blocks);
        for (int l = 0; l < dimension; l++)
            sum.Row(0)[l] = (float)rows.Total(l);
        return new CatalogueMoments(sum, product, rows.SquaredNorms, Math.Sqrt(rows.SquaredNorms.Max()));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Sum.Dispose();
        Product.Dispose();
    }

    /// <summary>Sums of rows and their squared norms, in blocks that depend on the shape alone.</summary>
    private sealed class RowSums(Matrix items) : IParallelWork
    {
        private const int RowsPerBlock = 16384;

        private readonly double[][] _sums = new double[(items.Rows + RowsPerBlock - 1) / RowsPerBlock][];

        public int Blocks => _sums.Length;

        public float[] SquaredNorms { get; } = new float[items.Rows];

        public double Total(int column)
        {
            double total = 0;
            foreach (double[] sum in _sums)
                total += sum[column];
            return total;
        }

        public void Execute(int index, int worker)
        {
            double[] sum = new double[items.Columns];
            long end = Math.Min(items.Rows, (index + 1L) * RowsPerBlock);
            for (long row = (long)index * RowsPerBlock; row < end; row++)
            {
                float* values = items.RowPointer(row);
                for (int l = 0; l < sum.Length; l++)
                    sum[l] += values[l];
                SquaredNorms[row] = RowScores.Dot(values, values, items.Stride);
            }

            _sums[index] = sum;
        }
    }
}
