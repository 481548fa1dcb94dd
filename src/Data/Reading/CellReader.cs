using System.Globalization;
using DuckDB.NET.Data;

namespace KernelPolicy.Data;

/// <summary>Takes typed values out of the fields of a row, all of them text, and says of a bad one where it is and what
/// was expected.</summary>
internal sealed class CellReader(TableLayout layout)
{
    private const int LongestQuotation = 60;

    private DuckDBDataReader _reader = null!;
    private long _row;

    /// <summary>Goes to the reader's row.</summary>
    /// <param name="reader">At the row.</param>
    /// <param name="row">Its number from 1.</param>
    public void MoveTo(DuckDBDataReader reader, long row) => (_reader, _row) = (reader, row);

    /// <summary>The field's text; null where it is empty.</summary>
    public string? Text(int ordinal) => _reader.IsDBNull(ordinal) ? null : _reader.GetString(ordinal);

    /// <summary>The field's text, which must not be blank.</summary>
    /// <param name="ordinal">Number of the field in the query.</param>
    /// <param name="column">Number of the column in the file, for the message.</param>
    /// <param name="expected">For the message.</param>
    public string Id(int ordinal, int column, string expected)
    {
        string? text = Text(ordinal);
        return string.IsNullOrWhiteSpace(text) ? throw Fault(column, text, expected) : text;
    }

    /// <summary>A finite number.</summary>
    public double Number(int ordinal, int column, string expected)
    {
        string? text = Text(ordinal);
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value)
            ? value
            : throw Fault(column, text, expected);
    }

    /// <summary>What to throw for a bad field.</summary>
    public InvalidDataException Fault(int column, string? value, string expected)
    {
        string place = layout.Format == InteractionFormat.Parquet
            ? $"row {_row}"
            : string.Create(CultureInfo.InvariantCulture, $"line {DelimitedLines.LineOf(layout, _row)}");
        string found = string.IsNullOrEmpty(value)
            ? "is empty"
            : $"is \"{(value.Length <= LongestQuotation ? value : value[..LongestQuotation] + "…")}\"";
        return new InvalidDataException($"{layout.File}, {place}: {layout.Column(column)} {found}; expected {expected}.");
    }
}
