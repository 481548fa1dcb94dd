using System.Numerics.Tensors;
using KernelPolicy.Index.Files;
using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>Checks the numbers of a table that a file holds: scores are sums over whole padded rows, of which one that is no number
/// would spoil all.</summary>
internal static class TableCheck
{
    /// <summary>Every value is finite, and the padding of every row is zero.</summary>
    /// <exception cref="InvalidDataException">One is not; the message names its place.</exception>
    public static void Run(SectionFileReader file, string section, Matrix table)
    {
        for (long row = 0; row < table.Rows; row++)
        {
            ReadOnlySpan<float> padded = table.PaddedRow(row), values = padded[..table.Columns], padding = padded[table.Columns..];
            if (TensorPrimitives.IsFiniteAll(values) && !padding.ContainsAnyExcept(0f))
                continue;
            int at = 0;
            while (at < values.Length && float.IsFinite(values[at]))
                at++;
            if (at < values.Length)
                throw Fault(at, $"a finite number in row {row}, column {at}");
            at += padding.IndexOfAnyExcept(0f);
            throw Fault(at, $"zero in the padding of row {row}");

            InvalidDataException Fault(int column, string expected) => file.Fault(
                file.OffsetOf(section) + (((row * table.Stride) + column) * sizeof(float)),
                $"section '{section}' must hold {expected}, not {table.PaddedRow(row)[column]}");
        }
    }
}
