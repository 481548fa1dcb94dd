using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>
/// A correction of the query: z = xΘ, h = z + (zU)V + b, with U [L, r], V [r, L], b [L]. Estimators, index and serving see h alone.
/// </summary>
/// <remarks>
/// <para>With G = ∂J/∂h: ∂b = mean of G; ∂V = (1/B)(ZU)ᵀG; ∂U = (1/B) Zᵀ(GVᵀ); ∂J/∂z = G + (GVᵀ)Uᵀ, of which Θ's gradient is made.</para>
/// <para>b and V begin at zero, U with normal numbers of variance 1/L: h = z at first, and V has a gradient. U and V fold into
/// Θ' = Θ(I + UV), which is all that must be saved of them. Not thread-safe.</para>
/// </remarks>
public sealed class QueryCorrection : IDisposable
{
    private readonly Matrix? _inner;
    private readonly Projection _projection = new();

    /// <summary>Makes the correction with first values.</summary>
    /// <param name="dimension">L.</param>
    /// <param name="options">Rank, and whether there is a bias.</param>
    /// <param name="batchSize">The largest batch, B.</param>
    /// <param name="seed">Seed of U.</param>
    /// <exception cref="ArgumentOutOfRangeException">The rank is above L, or another option is out of range.</exception>
    public QueryCorrection(int dimension, CorrectedItems options, int batchSize, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        if (options.Rank > dimension)
            throw new ArgumentOutOfRangeException(nameof(options), options.Rank, $"The rank must lie in 0 to {dimension}.");
        Seed = seed;
        Bias = options.Bias ? new Matrix(1, dimension) : null;
        if (options.Rank == 0)
            return;
        U = new Matrix(dimension, options.Rank);
        V = new Matrix(options.Rank, dimension);
        Projected = new Matrix(batchSize, dimension);
        _inner = new Matrix(batchSize, options.Rank);
        InitialiseU(U);
    }

    /// <summary>U [L, r]; null where r = 0.</summary>
    public Matrix? U { get; }

    /// <summary>V [r, L]; null where r = 0.</summary>
    public Matrix? V { get; }

    /// <summary>b, one row [1, L]; null where there is none.</summary>
    public Matrix? Bias { get; }

    /// <summary>Z = XΘ of the last batch [B, L]; null where r = 0.</summary>
    internal Matrix? Projected { get; }

    /// <summary>ZU of the last batch [B, r]; null where r = 0.</summary>
    internal Matrix? Inner => _inner;

    private ulong Seed { get; }

    /// <summary>Writes h of the first contexts.</summary>
    /// <param name="contexts">X [B, L].</param>
    /// <param name="theta">Θ [L, L].</param>
    /// <param name="queries">Receives H [B, L].</param>
    /// <param name="count">Contexts, at most B.</param>
    /// <param name="team">Threads to use.</param>
    public void Project(Matrix contexts, Matrix theta, Matrix queries, int count, WorkerTeam team)
    {
        ArgumentNullException.ThrowIfNull(queries);
        if (U is null)
        {
            _projection.Run(contexts, theta, queries, count, team);
        }
        else
        {
            _projection.Run(contexts, theta, Projected!, count, team);
            _projection.Run(Projected!, U, _inner!, count, team);
            _projection.Run(_inner!, V!, queries, count, team);
            Tables.AddRows(queries, Projected!, count);
        }

        QueryMap.AddBias(Bias, queries, count);
    }

    /// <summary>Writes Θ' = Θ(I + UV), with which h = xΘ' + b.</summary>
    /// <param name="theta">Θ [L, L].</param>
    /// <param name="folded">Receives Θ' [L, L]; not Θ itself.</param>
    /// <param name="team">Threads to use.</param>
    public void Fold(Matrix theta, Matrix folded, WorkerTeam team)
    {
        ArgumentNullException.ThrowIfNull(theta);
        ArgumentNullException.ThrowIfNull(folded);
        if (U is null)
        {
            folded.CopyFrom(theta);
            return;
        }

        using Matrix inner = new(theta.Rows, U.Columns);
        int rows = checked((int)theta.Rows);
        _projection.Run(theta, U, inner, rows, team);
        _projection.Run(inner, V!, folded, rows, team);
        Tables.AddRows(folded, theta, rows);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        U?.Dispose();
        V?.Dispose();
        Bias?.Dispose();
        Projected?.Dispose();
        _inner?.Dispose();
    }

    /// <summary>First values of U.</summary>
    internal void InitialiseU(Matrix table)
    {
        double scale = 1 / Math.Sqrt(table.Rows);
        for (int row = 0; row < table.Rows; row++)
        {
            // Step 0 is Θ's.
            var draws = new RandomDraws(Seed, RandomPurpose.Initialisation, 1, row);
            Span<float> values = table.Row(row);
            for (int column = 0; column < values.Length; column++)
                values[column] = (float)(scale * draws.Normal((uint)column));
        }
    }
}
