using KernelPolicy.Kernels;

namespace KernelPolicy.Data;

/// <summary>
/// Makes contexts X [N, D] and items β [P, E] of one width, since Θ is [L, L]: both get columns of zeros up to
/// L = max(D, E).
/// </summary>
/// <remarks>
/// Scores xΘβ_a do not change: they see the block [D, E] of Θ alone. The gradient is Xᵀ G with G = Σ c β, so that a row of Θ
/// whose input is zero throughout, and a column whose item feature is, have gradient zero and keep their first values. The
/// cost is L² rather than D·E numbers in Θ.
/// </remarks>
public static class ContextPadding
{
    /// <summary>L = max(D, E).</summary>
    public static int CommonDimension(Matrix contexts, Matrix items)
    {
        ArgumentNullException.ThrowIfNull(contexts);
        ArgumentNullException.ThrowIfNull(items);
        return Math.Max(contexts.Columns, items.Columns);
    }

    /// <summary>A copy of a table with columns of zeros behind its own.</summary>
    /// <param name="table">[rows, columns].</param>
    /// <param name="dimension">L, at least the table's columns.</param>
    /// <returns>A table [rows, L] that the caller disposes.</returns>
    /// <exception cref="ArgumentOutOfRangeException">L is less than the table's columns.</exception>
    public static Matrix Pad(Matrix table, int dimension)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentOutOfRangeException.ThrowIfLessThan(dimension, table.Columns);
        Matrix padded = new(table.Rows, dimension);
        for (long row = 0; row < table.Rows; row++)
            table.Row(row).CopyTo(padded.Row(row));
        return padded;
    }
}
