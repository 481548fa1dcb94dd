using KernelPolicy.Kernels;

namespace KernelPolicy.Data;

/// <summary>Turns rows of users with items into rows of items with users.</summary>
internal static class Transposition
{
    /// <summary>One row a column of the source, holding the rows in which it occurs, rising.</summary>
    public static SparseRows Transpose(SparseRows rows, int columns)
    {
        long[] offsets = new long[columns + 1];
        foreach (int column in rows.Items)
            offsets[column + 1]++;
        for (int column = 0; column < columns; column++)
            offsets[column + 1] += offsets[column];
        long[] next = offsets[..^1];
        int[] transposed = new int[rows.ItemCount];
        for (int row = 0; row < rows.Count; row++)
        {
            foreach (int column in rows[row])
                transposed[next[column]++] = row;
        }

        return new SparseRows(offsets, transposed);
    }
}
