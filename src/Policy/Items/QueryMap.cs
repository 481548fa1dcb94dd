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

    /// <summary>Adds b to the first rows of a table; nothing where there is none.</summary>
    public static void AddBias(Matrix? bias, Matrix queries, int count)
    {
        ArgumentNullException.ThrowIfNull(queries);
        if (bias is null)
            return;
        for (int row = 0; row < count; row++)
            TensorPrimitives.Add(queries.PaddedRow(row), bias.PaddedRow(0), queries.PaddedRow(row));
    }
}
