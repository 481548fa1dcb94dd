using System.Numerics.Tensors;
using KernelPolicy.Index.Files;
using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>Checks the numbers of a table that a file holds: scores are sums over whole padded rows, of which one that is no number
/// would spoil all.</summary>
internal static unsafe class TableCheck
{
    /// <summary>Floats looked at by one call: enough that the calls cost nothing, few enough for the first cache.</summary>
    private const int AtOnce = 4096;

    /// <summary>Every value is finite, and the padding of every row is zero.</summary>
    /// <param name="file">Where it is from.</param>
    /// <param name="section">Its section there.</param>
    /// <param name="table">What was read.</param>
    /// <param name="firstRow">The row of the section that the table begins with.</param>
    /// <exception cref="InvalidDataException">One is not; the message names its place.</exception>
    public static void Run(SectionFileReader file, string section, Matrix table, long firstRow = 0)
    {
        int rowsAtOnce = Math.Max(1, AtOnce / table.Stride);
        for (long first = 0; first < table.Rows; first += rowsAtOnce)
        {
            int rows = (int)Math.Min(rowsAtOnce, table.Rows - first);
            bool isRight = TensorPrimitives.IsFiniteAll(new ReadOnlySpan<float>(table.RowPointer(first), rows * table.Stride));
            for (int row = 0; row < rows; row++)
            {
                if (!isRight || table.PaddedRow(first + row)[table.Columns..].ContainsAnyExcept(0f))
                    CheckRow(file, section, table, first + row, firstRow);
            }
        }
    }

    private static void CheckRow(SectionFileReader file, string section, Matrix table, long row, long firstRow)
    {
        ReadOnlySpan<float> values = table.PaddedRow(row);
        for (int column = 0; column < values.Length; column++)
        {
            bool isValue = column < table.Columns;
            if (isValue ? float.IsFinite(values[column]) : values[column] == 0)
                continue;
            long place = firstRow + row;
            string expected = isValue ? $"a finite number in row {place}, column {column}" : $"zero in the padding of row {place}";
            throw file.Fault(
                file.OffsetOf(section) + (((place * table.Stride) + column) * sizeof(float)),
                $"section '{section}' must hold {expected}, not {values[column]}");
        }
    }
}
