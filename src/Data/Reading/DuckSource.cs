using System.Globalization;
using System.Text.RegularExpressions;
using DuckDB.NET.Data;

namespace KernelPolicy.Data;

/// <summary>DuckDB as a parser of CSV and Parquet: gives the rows of a file, in their order, a few at a time.</summary>
/// <remarks>
/// Only parsing is asked of it. Ids are encoded as the rows pass, which needs neither a table of strings nor joins and
/// keeps memory at 8 bytes a row. Not thread-safe.
/// </remarks>
internal sealed partial class DuckSource : IDisposable
{
    private const int RowsBetweenReports = 1 << 17;

    private readonly DuckDBConnection _connection = new("DataSource=:memory:");

    public DuckSource(InteractionOptions options)
    {
        int threads = options.Threads == 0 ? Environment.ProcessorCount : options.Threads;
        _connection.Open();
        using DuckDBCommand command = _connection.CreateCommand();

        // A file must never make DuckDB fetch an extension from the network.
        command.CommandText = string.Create(
            CultureInfo.InvariantCulture,
            $"SET memory_limit='{options.MemoryLimitMebibytes}MiB'; SET threads={threads}; SET preserve_insertion_order=true; SET autoinstall_known_extensions=false; SET autoload_known_extensions=false;");
        command.ExecuteNonQuery();
    }

    /// <summary>Settles how a Parquet file is read.</summary>
    public FileLayout LayoutOfParquet(string file, InteractionOptions options)
    {
        List<string> names = [];
        Guard(file, () =>
        {
            using DuckDBCommand command = _connection.CreateCommand();
            command.CommandText = $"DESCRIBE SELECT * FROM read_parquet({PathLiteral(file)})";
            using DuckDBDataReader reader = command.ExecuteReader();
            while (reader.Read())
                names.Add(reader.GetString(0));
        });
        return FileLayout.OfParquet(file, [.. names], options);
    }

    /// <summary>Passes the rows of a file to the builder.</summary>
    /// <exception cref="InvalidDataException">A row is not as the layout says, or has an empty id.</exception>
    public void Read(
        FileLayout layout, string? filterValue, InteractionBuilder builder, Action report, CancellationToken cancellationToken)
    {
        Guard(layout.File, () =>
        {
            using DuckDBCommand command = _connection.CreateCommand();
            command.UseStreamingMode = true;
            command.CommandText = Query(layout);
            using CancellationTokenRegistration interrupt = cancellationToken.Register(command.Cancel);
            try
            {
                using DuckDBDataReader reader = command.ExecuteReader();
                PassRows(reader, layout, filterValue, builder, report, cancellationToken);
            }
            catch (DuckDBException) when (cancellationToken.IsCancellationRequested)
            {
                throw new OperationCanceledException(cancellationToken);
            }
        });
    }

    public void Dispose() => _connection.Dispose();

    private static void PassRows(
        DuckDBDataReader reader,
        FileLayout layout,
        string? filterValue,
        InteractionBuilder builder,
        Action report,
        CancellationToken cancellationToken)
    {
        long row = 0;
        while (reader.Read())
        {
            row++;
            builder.RowsRead++;
            if (row % RowsBetweenReports == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
                report();
            }

            if (filterValue is not null && (reader.IsDBNull(2) || reader.GetString(2) != filterValue))
            {
                builder.RowsFilteredOut++;
                continue;
            }

            builder.Add(
                Id(reader, 0, layout, layout.Columns.User, row), Id(reader, 1, layout, layout.Columns.Item, row));
        }
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
        if (layout.Format == InteractionFormat.Parquet)
        {
            IEnumerable<string> casts = taken.Select(c => $"CAST(\"{layout.Names![c].Replace("\"", "\"\"", StringComparison.Ordinal)}\" AS VARCHAR)");
            return $"SELECT {string.Join(", ", casts)} FROM read_parquet({PathLiteral(layout.File)})";
        }

        // Every column is declared, and as text: a short row is then an error, and "007" stays "007".
        string columns = string.Join(", ", Enumerable.Range(0, layout.ColumnCount).Select(c => $"'c{c}': 'VARCHAR'"));
        string quote = layout.Quoted ? "\"" : "";
        return $"SELECT {string.Join(", ", taken.Select(c => $"c{c}"))} FROM read_csv({PathLiteral(layout.File)}, "
            + $"auto_detect = false, header = {(layout.Header ? "true" : "false")}, delim = {Literal(layout.Delimiter)}, "
            + $"quote = '{quote}', escape = '{quote}', compression = '{(layout.Gzip ? "gzip" : "none")}', "
            + $"columns = {{{columns}}})";
    }

    private static string Literal(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    /// <summary>A path with the characters that DuckDB would expand put in brackets: a file called "a[1].csv" is that
    /// file and not "a1.csv".</summary>
    private static string PathLiteral(string file) =>
        Literal(GlobCharacters().Replace(file, match => $"[{match.Value}]"));

    private static void Guard(string file, Action action)
    {
        try
        {
            action();
        }
        catch (DuckDBException e)
        {
            throw new InvalidDataException(Explain(file, e.Message), e);
        }
    }

    /// <summary>The parts of DuckDB's message that are about the file; its advice is about options that are not ours.</summary>
    private static string Explain(string file, string message)
    {
        Match line = CsvError().Match(message);
        if (!line.Success)
            return $"{file}: {message.Split('\n')[0]}";
        string rest = message[(line.Index + line.Length)..];
        int advice = rest.IndexOf("Possible", StringComparison.Ordinal);
        string what = string.Join("; ", (advice < 0 ? rest : rest[..advice]).Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
        return $"{file}, line {line.Groups[1].Value}: {what}.";
    }

    [GeneratedRegex(@"CSV Error on Line: (\d+)")]
    private static partial Regex CsvError();

    [GeneratedRegex(@"[\[*?]")]
    private static partial Regex GlobCharacters();
}
