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
        ArgumentOutOfRangeException.ThrowIfLessThan(items, 1);
        return ComputeShard(matrix, SvdShard.Whole(items), options, team, progress, cancellationToken);
    }

    /// <summary>Decomposes with others, each of which has some items: no process holds [P, L].</summary>
    /// <remarks>
    /// <para>The users' side [users, l] is in every process, and summed over them once a pass; of the items' side each has its own rows, of which
    /// the Gram matrices [l, l] are summed. One process makes what <see cref="Compute"/> does, bit for bit; more differ by the order of
    /// sums.</para>
    /// <para>All processes call it alike. A cancellation that not all of them see leaves the others waiting.</para>
    /// </remarks>
    /// <param name="matrix">One row a user, as many in every process: this one's items, from 0 at its first, each once.</param>
    /// <param name="shard">Which items these are, and how sums are made.</param>
    /// <param name="options">Rank, scaling, effort, seed; the same in every process.</param>
    /// <param name="team">Threads to work with.</param>
    /// <param name="progress">Told after each product with the matrix.</param>
    /// <param name="cancellationToken">Looked at between products.</param>
    /// <returns>The factors of this process's items, and the singular values.</returns>
    /// <exception cref="ArgumentException">An option is out of range, an item number too, or the matrix is empty.</exception>
    /// <exception cref="OperationCanceledException">The work was cancelled.</exception>
    public static SvdResult ComputeShard(
        SparseRows matrix,
        SvdShard shard,
        SvdOptions options,
        WorkerTeam team,
        IProgress<SvdProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(matrix);
        ArgumentNullException.ThrowIfNull(shard);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(team);
        shard.Validate();
        int items = shard.OwnItems;
        double[] interactions = [matrix.ItemCount];
        shard.SumNumbers(interactions);
        if (interactions[0] == 0)
            throw new ArgumentException("The matrix holds no interactions.", nameof(matrix));
        options.Validate(matrix.Count, shard.Items);
        foreach (int item in matrix.Items)
        {
            if ((uint)item >= (uint)items)
                throw new ArgumentException($"Item {item} is not among items 0 to {items - 1}.", nameof(matrix));
        }

        int width = (int)Math.Min((long)options.Rank + options.Oversampling, Math.Min(matrix.Count, shard.Items));
        SparseRows transposed = Transposition.Transpose(matrix, items);
        using Matrix itemSide = new(items, width);
        using Matrix userSide = new(matrix.Count, width);
        int total = (2 * options.PowerIterations) + 2;
        int done = 0;

        TestMatrix.Fill(userSide, options.Seed, team);
        ToItems();
        for (int i = 0; i < options.PowerIterations; i++)
        {
            Orthonormalisation.Apply(itemSide, 1, team, shard.SumNumbers);
            ToUsers();
            Orthonormalisation.Apply(userSide, 1, team);
            ToItems();
        }

        Orthonormalisation.Apply(itemSide, 2, team, shard.SumNumbers);
        ToUsers();
        SmallSymmetric squares = SmallSymmetric.Decompose(GramProduct.Compute(userSide, team), width);
        return Assemble(itemSide, squares, options, shard, team);

        void ToItems() => Product(transposed, userSide, itemSide);

        void ToUsers()
        {
            Product(matrix, itemSide, userSide);
            shard.SumTables(userSide);
        }

        void Product(SparseRows rows, Matrix source, Matrix target)
        {
            cancellationToken.ThrowIfCancellationRequested();
            SparseProduct.Multiply(rows, source, target, team);
            progress?.Report(new SvdProgress(++done, total));
        }
    }

    private static SvdResult Assemble(Matrix basis, SmallSymmetric squares, SvdOptions options, SvdShard shard, WorkerTeam team)
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
        FixSigns(factors, shard);
        return new SvdResult(factors, singularValues);
    }

    private static void FixSigns(Matrix factors, SvdShard shard)
    {
        int rank = factors.Columns;
        // Each process's largest in a place of its own: their sum is all of them.
        double[] largest = new double[shard.Count * rank];
        Span<double> own = largest.AsSpan(shard.Number * rank, rank);
        for (long row = 0; row < factors.Rows; row++)
            TakeLarger(factors.Row(row), own);
        shard.SumNumbers(largest);
        double[] signs = new double[rank];
        for (int part = 0; part < shard.Count; part++)
        {
            for (int j = 0; j < rank; j++)
            {
                if (Math.Abs(largest[(part * rank) + j]) > Math.Abs(signs[j]))
                    signs[j] = largest[(part * rank) + j];
            }
        }

        for (long row = 0; row < factors.Rows; row++)
        {
            Span<float> values = factors.Row(row);
            for (int j = 0; j < values.Length; j++)
                values[j] = signs[j] < 0 ? -values[j] : values[j];
        }
    }

    private static void TakeLarger(ReadOnlySpan<float> values, Span<double> largest)
    {
        for (int j = 0; j < values.Length; j++)
        {
            if (Math.Abs(values[j]) > Math.Abs(largest[j]))
                largest[j] = values[j];
        }
    }
}
