using KernelPolicy.Kernels;

namespace KernelPolicy.Data;

/// <summary>
/// The largest singular values of a sparse user × item matrix of ones, and item factors β = V·Σ^p, by randomised subspace
/// iteration (Halko, Martinsson, Tropp, SIAM Review 53, 2011).
/// </summary>
/// <remarks>
/// <para>A random test matrix is multiplied by Aᵀ, and AᵀA is applied a few times, with the columns kept apart in
/// between. On the resulting basis Q of the items' side, the SVD of the small A·Q gives Σ and V = Q·W.</para>
/// <para>Memory: [P, l] + [users, l] floats, with l = L + oversampling, and a transposed copy of the matrix. Time: two
/// products with the matrix a pass.</para>
/// <para>Each factor's sign makes its largest component positive. The result depends on the matrix, the options and the
/// processor's arithmetic, never on the number of threads.</para>
/// </remarks>
public static class TruncatedSvd
{
    /// <summary>Decomposes.</summary>
    /// <param name="matrix">One row a user: item numbers, each once.</param>
    /// <param name="items">P; item numbers are below it. An item that occurs nowhere gets zeros.</param>
    /// <param name="options">Rank, scaling, effort, seed.</param>
    /// <param name="team">Threads to work with.</param>
    /// <param name="progress">Told after each product with the matrix.</param>
    /// <param name="cancellationToken">Looked at between products.</param>
    /// <exception cref="ArgumentException">An option is out of range, an item number too, or the matrix is empty.</exception>
    /// <exception cref="OperationCanceledException">The work was cancelled.</exception>
    public static SvdResult Compute(
        SparseRows matrix,
        int items,
        SvdOptions options,
        WorkerTeam team,
        IProgress<SvdProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(matrix);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(team);
        ArgumentOutOfRangeException.ThrowIfLessThan(items, 1);
        if (matrix.ItemCount == 0)
            throw new ArgumentException("The matrix holds no interactions.", nameof(matrix));
        options.Validate(matrix.Count, items);
        foreach (int item in matrix.Items)
        {
            if ((uint)item >= (uint)items)
                throw new ArgumentException($"Item {item} is not among items 0 to {items - 1}.", nameof(matrix));
        }

        int width = (int)Math.Min((long)options.Rank + options.Oversampling, Math.Min(matrix.Count, items));
        SparseRows transposed = Transposition.Transpose(matrix, items);
        using Matrix itemSide = new(items, width);
        using Matrix userSide = new(matrix.Count, width);
        int total = (2 * options.PowerIterations) + 2;
        int done = 0;

        TestMatrix.Fill(userSide, options.Seed, team);
        ToItems();
        for (int i = 0; i < options.PowerIterations; i++)
        {
            Orthonormalisation.Apply(itemSide, 1, team);
            ToUsers();
            Orthonormalisation.Apply(userSide, 1, team);
            ToItems();
        }

        Orthonormalisation.Apply(itemSide, 2, team);
        ToUsers();
        SmallSymmetric squares = SmallSymmetric.Decompose(GramProduct.Compute(userSide, team), width);
        return Assemble(itemSide, squares, options, team);

        void ToItems() => Product(transposed, userSide, itemSide);

        void ToUsers() => Product(matrix, itemSide, userSide);

        void Product(SparseRows rows, Matrix source, Matrix target)
        {
            cancellationToken.ThrowIfCancellationRequested();
            SparseProduct.Multiply(rows, source, target, team);
            progress?.Report(new SvdProgress(++done, total));
        }
    }

    private static SvdResult Assemble(Matrix basis, SmallSymmetric squares, SvdOptions options, WorkerTeam team)
    {
        int width = basis.Columns;
        int rank = options.Rank;
        double[] singularValues = new double[rank];
        double floor = 1e-6 * Math.Sqrt(squares.Values[0]);
        double[] transform = new double[width * rank];
        for (int j = 0; j < rank; j++)
        {
            double value = Math.Sqrt(squares.Values[j]);
            if (value <= floor)
                continue;
            singularValues[j] = value;
            double scale = Math.Pow(value, options.SingularPower);
            for (int i = 0; i < width; i++)
                transform[(i * rank) + j] = squares.Vectors[(i * width) + j] * scale;
        }

        Matrix factors = new(basis.Rows, rank);
        RowTransform.Apply(basis, transform, factors, team);
        FixSigns(factors);
        return new SvdResult(factors, singularValues);
    }

    private static void FixSigns(Matrix factors)
    {
        float[] largest = new float[factors.Columns];
        for (long row = 0; row < factors.Rows; row++)
        {
            ReadOnlySpan<float> values = factors.Row(row);
            for (int j = 0; j < values.Length; j++)
            {
                if (Math.Abs(values[j]) > Math.Abs(largest[j]))
                    largest[j] = values[j];
            }
        }

        for (long row = 0; row < factors.Rows; row++)
        {
            Span<float> values = factors.Row(row);
            for (int j = 0; j < values.Length; j++)
                values[j] = largest[j] < 0 ? -values[j] : values[j];
        }
    }
}
