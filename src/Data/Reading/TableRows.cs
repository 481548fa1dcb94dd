using DuckDB.NET.Data;

namespace KernelPolicy.Data;

/// <summary>Reads the rows of a delimited or Parquet file: one interaction each.</summary>
internal static class TableRows
{
    /// <summary>Passes the rows that the filter lets through to the builder.</summary>
    /// <exception cref="InvalidDataException">A row is not as the layout says, or has an empty id.</exception>
    public static void Read(
        DuckSource duck,
        FileLayout layout,
        string? filterValue,
        InteractionBuilder builder,
        Action report,
        CancellationToken cancellationToken)
    {
        duck.ForEachRow(
            layout.File,
            Query(layout),
            (reader, row) =>
            {
                builder.RowsRead++;
                if (filterValue is not null && (reader.IsDBNull(2) || reader.GetString(2) != filterValue))
                    builder.RowsFilteredOut++;
                else
                    builder.Add(Id(reader, 0, layout, layout.Columns.User, row), Id(reader, 1, layout, layout.Columns.Item, row));
            },
            report,
            cancellationToken);
    }

    private static string Id(DuckDBDataReader reader, int ordinal, FileLayout layout, int column, long row)
    {
        string id = reader.IsDBNull(ordinal) ? "" : reader.GetString(ordinal);
        return !string.IsNullOrWhiteSpace(id)
            ? id
            : throw new InvalidDataException(
                $"{layout.File}, row {row} of data: {layout.Column(column)} is empty; expected "
                + $"{(ordinal == 0 ? "a user" : "an item")} id.");
    }

    private static string Query(FileLayout layout)
    {
        ColumnChoice chosen = layout.Columns;
        int[] taken = chosen.Filter < 0 ? [chosen.User, chosen.Item] : [chosen.User, chosen.Item, chosen.Filter];
        string path = DuckSource.PathLiteral(layout.File);
        if (layout.Format == InteractionFormat.Parquet)
        {
            IEnumerable<string> casts = taken.Select(c => $"CAST({Identifier(layout.Names![c])} AS VARCHAR)");
            return $"SELECT {string.Join(", ", casts)} FROM read_parquet({path})";
        }

        // Every column is declared, and as text: a short row is then an error, and "007" stays "007".
        string columns = string.Join(", ", Enumerable.Range(0, layout.ColumnCount).Select(c => $"'c{c}': 'VARCHAR'"));
        string quote = layout.Quoted ? "\"" : "";
        return $"SELECT {string.Join(", ", taken.Select(c => $"c{c}"))} FROM read_csv({path}, "
            + $"auto_detect = false, header = {(layout.Header ? "true" : "false")}, "
            + $"delim = {DuckSource.Literal(layout.Delimiter)}, quote = '{quote}', escape = '{quote}', comment = '', "
            + $"compression = '{(layout.Gzip ? "gzip" : "none")}', columns = {{{columns}}})";
    }

    private static string Identifier(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
