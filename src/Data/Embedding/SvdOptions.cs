namespace KernelPolicy.Data;

/// <summary>Settings of <see cref="TruncatedSvd"/>.</summary>
public sealed record SvdOptions
{
    /// <summary>Dimensions to keep: L. From 1 to the smaller side of the matrix.</summary>
    public int Rank { get; init; } = 64;

    /// <summary>Power p to which singular values scale the factors: β = V·Σ^p. 0 gives V alone, 1 gives VΣ, ½ shares Σ
    /// evenly between users and items.</summary>
    public float SingularPower { get; init; } = 1;

    /// <summary>Dimensions carried beyond <see cref="Rank"/> while iterating, at least 0; more make the last ones kept
    /// more exact.</summary>
    public int Oversampling { get; init; } = 32;

    /// <summary>Passes of subspace iteration, at least 0. Each costs two products with the matrix.</summary>
    public int PowerIterations { get; init; } = 8;

    /// <summary>Names the draws of the test matrix.</summary>
    public ulong Seed { get; init; }

    internal void Validate(long rows, int columns)
    {
        long most = Math.Min(rows, columns);
        if (Rank < 1 || Rank > most)
            throw OutOfRange(nameof(Rank), Rank, $"A matrix of {rows} users and {columns} items has ranks 1 to {most}.");
        if (!float.IsFinite(SingularPower))
            throw OutOfRange(nameof(SingularPower), SingularPower, "The power must be finite.");
        ArgumentOutOfRangeException.ThrowIfNegative(Oversampling);
        ArgumentOutOfRangeException.ThrowIfNegative(PowerIterations);
    }

    private static ArgumentOutOfRangeException OutOfRange(string option, object value, string message) =>
        new(option, value, message);
}

/// <summary>How far a decomposition has come.</summary>
/// <param name="Done">Products with the matrix done.</param>
/// <param name="Total">Products in all.</param>
public readonly record struct SvdProgress(int Done, int Total);
