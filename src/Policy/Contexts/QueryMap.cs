using System.Numerics.Tensors;
using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>How a context becomes a query: h = xΘ + b.</summary>
/// <param name="Theta">Θ [L, L].</param>
/// <param name="Bias">b, one row [1, L]; null for none.</param>
public readonly record struct QueryMap(Matrix Theta, Matrix? Bias = null)
{
    /// <summary>h = xΘ.</summary>
    public static implicit operator QueryMap(Matrix theta) => FromMatrix(theta);

    /// <summary>h = xΘ.</summary>
    public static QueryMap FromMatrix(Matrix theta) => new(theta);

    /// <summary>Throws where a table is missing or b does not fit Θ.</summary>
    /// <exception cref="ArgumentException">It does not.</exception>
    public void Validate()
    {
        ArgumentNullException.ThrowIfNull(Theta);
        if (Bias is not null && (Bias.Rows != 1 || Bias.Columns != Theta.Columns))
            throw new ArgumentException($"b is [{Bias.Rows}, {Bias.Columns}]; it must be [1, {Theta.Columns}].", nameof(Bias));
    }

    /// <summary>Writes h of the first rows of X [B, L].</summary>
    /// <param name="projection">Makes the product; it stays the caller's, so that a caller of many batches allocates nothing.</param>
    /// <param name="contexts">X [B, L].</param>
    /// <param name="queries">Receives H [B, L]; rows beyond are left alone.</param>
    /// <param name="count">Contexts, at most B.</param>
    /// <param name="team">Threads to use.</param>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    public void Project(Projection projection, Matrix contexts, Matrix queries, int count, WorkerTeam team)
    {
        ArgumentNullException.ThrowIfNull(projection);
        projection.Run(contexts, Theta, queries, count, team);
        AddBias(Bias, queries, count);
    }

    /// <summary>Adds b to the first rows of a table; nothing where there is none.</summary>
    internal static void AddBias(Matrix? bias, Matrix queries, int count)
    {
        if (bias is null)
            return;
        for (int row = 0; row < count; row++)
            TensorPrimitives.Add(queries.PaddedRow(row), bias.PaddedRow(0), queries.PaddedRow(row));
    }
}
