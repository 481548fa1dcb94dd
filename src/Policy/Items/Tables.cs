using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>What small tables need beside the kernels.</summary>
internal static class Tables
{
    /// <summary>Writes Aᵀ: A [m, n] → [n, m].</summary>
    public static void Transpose(Matrix source, Matrix destination)
    {
        for (int row = 0; row < source.Rows; row++)
        {
            ReadOnlySpan<float> values = source.Row(row);
            for (int column = 0; column < values.Length; column++)
                destination.Row(column)[row] = values[column];
        }
    }

    /// <summary>Adds the first rows of a table to those of another.</summary>
    public static void AddRows(Matrix sum, Matrix addend, int count)
    {
        for (int row = 0; row < count; row++)
        {
            System.Numerics.Tensors.TensorPrimitives.Add(sum.PaddedRow(row), addend.PaddedRow(row), sum.PaddedRow(row));
        }
    }

    /// <summary>Number of the first row that is not finite; −1 where all are. A sum is finite only if its terms are.</summary>
    public static long FirstNotFinite(Matrix table)
    {
        for (long row = 0; row < table.Rows; row++)
        {
            if (!float.IsFinite(System.Numerics.Tensors.TensorPrimitives.Sum<float>(table.Row(row))))
                return row;
        }

        return -1;
    }
}
