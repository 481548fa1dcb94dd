using DuckDB.NET.Data;

namespace KernelPolicy.Data;

/// <summary>Reads the rows of a delimited or Parquet file: one interaction each.</summary>
internal static class TableRows
{
    /// <summary>Passes the rows that the filter lets through to the builder.</summary>
    /// <exception cref="InvalidDataException">A row is not as the layout says, or has an empty id.</exception>
    public static void Read(
        DuckSource duck,
        TableLayout layout,
        ColumnChoice columns,
        string? filterValue,
        InteractionBuilder builder,
        Action report,
        CancellationToken cancellationToken)
    {
        duck.ForEachRow(
            layout.File,
            Query(layout, columns),
            (reader, row) =>
            {
                builder.RowsRead++;
                if (filterValue is not null && (reader.IsDBNull(2) || reader.GetString(2) != filterValue))
                    builder.RowsFilteredOut++;
                else
                    builder.Add(Id(reader, 0, layout, columns.User, row), Id(reader, 1, layout, columns.Item, row));
            },
            report,
            cancellationToken);
    }

    private static string Id(DuckDBDataReader reader, int ordinal, TableLayout layout, int column, long row)
    {
        string id = reader.IsDBNull(ordinal) ? "" : reader.GetString(ordinal);
        return !string.IsNullOrWhiteSpace(id)
            ? id
            : throw new InvalidDataException(
                $"{layout.File}, row {row} of data: {layout.Column(column)} is empty; expected "
                + $"{(ordinal == 0 ? "a user" : "an item")} id.");
    }

    private static string Query(TableLayout layout, ColumnChoice chosen)
    {
        int[] taken = chosen.Filter < 0 ? [chosen.User, chosen.Item] : [chosen.User, chosen.Item, chosen.Filter];
        IEnumerable<string> fields = taken.Select(c => $"CAST({layout.Field(c)} AS VARCHAR)");
        return $"SELECT {string.Join(", ", fields)} FROM {layout.From()}";
    }
}
