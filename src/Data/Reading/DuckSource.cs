using System.Globalization;
using System.Text.RegularExpressions;
using DuckDB.NET.Data;

namespace KernelPolicy.Data;

/// <summary>DuckDB as a parser of delimited text and Parquet: gives the rows of a query in their order, one after the
/// other, and says of a broken file where it is broken.</summary>
/// <remarks>
/// Only parsing is asked of it. Ids are encoded as the rows pass, which needs neither a table of strings nor joins and
/// keeps memory at 8 bytes a row. Not thread-safe.
/// </remarks>
internal sealed partial class DuckSource : IDisposable
{
    private const int RowsBetweenReports = 1 << 17;
    private const int LongestQuotation = 100;

    private readonly DuckDBConnection _connection = new("DataSource=:memory:");

    /// <summary>Opens a database in memory.</summary>
    /// <param name="threads">Threads with which it parses; 0 for one a processor.</param>
    /// <param name="memoryLimitMebibytes">Memory that it may hold, in MiB.</param>
    public DuckSource(int threads, int memoryLimitMebibytes)
    {
        threads = threads == 0 ? Environment.ProcessorCount : threads;
        _connection.Open();
        using DuckDBCommand command = _connection.CreateCommand();

        // A file must never make DuckDB fetch an extension from the network.
        command.CommandText = string.Create(
            CultureInfo.InvariantCulture,
            $"SET memory_limit='{memoryLimitMebibytes}MiB'; SET threads={threads}; SET preserve_insertion_order=true; SET autoinstall_known_extensions=false; SET autoload_known_extensions=false;");
        command.ExecuteNonQuery();
    }

    /// <summary>Names of the columns of a Parquet file and their types as SQL names them.</summary>
    /// <exception cref="InvalidDataException">The file is not Parquet.</exception>
    public (string[] Names, string[] Types) ParquetColumns(string file)
    {
        List<string> names = [];
        List<string> types = [];
        ForEachRow(
            file,
            $"DESCRIBE SELECT * FROM read_parquet({PathLiteral(file)})",
            (reader, _) =>
            {
                names.Add(reader.GetString(0));
                types.Add(reader.GetString(1));
            },
            static () => { },
            default);
        return ([.. names], [.. types]);
    }

    /// <summary>Runs a query over one file and visits its rows.</summary>
    /// <param name="file">The file, for messages.</param>
    /// <param name="query">The query.</param>
    /// <param name="visit">Receives the reader at each row, and the row's number from 1.</param>
    /// <param name="report">Called now and then.</param>
    /// <param name="cancellationToken">Interrupts the query.</param>
    /// <exception cref="InvalidDataException">The file is broken.</exception>
    public void ForEachRow(
        string file, string query, Action<DuckDBDataReader, long> visit, Action report, CancellationToken cancellationToken)
    {
        using DuckDBCommand command = _connection.CreateCommand();
        command.UseStreamingMode = true;
        command.CommandText = query;
        using CancellationTokenRegistration interrupt = cancellationToken.Register(command.Cancel);
        try
        {
            using DuckDBDataReader reader = command.ExecuteReader();
            for (long row = 1; reader.Read(); row++)
            {
                visit(reader, row);
                if (row % RowsBetweenReports == 0)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    report();
                }
            }
        }
        catch (DuckDBException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        catch (DuckDBException e)
        {
            throw new InvalidDataException(Explain(file, e.Message), e);
        }
    }

    public void Dispose() => _connection.Dispose();

    /// <summary>A text as SQL writes it.</summary>
    public static string Literal(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    /// <summary>A path as SQL writes it, with the characters that DuckDB would expand put in brackets: a file called
    /// "a[1].csv" is that file and not "a1.csv".</summary>
    public static string PathLiteral(string file) =>
        Literal(GlobCharacters().Replace(file, match => $"[{match.Value}]"));

    /// <summary>The parts of DuckDB's message that are about the file; its advice is about options that are not ours.</summary>
    private static string Explain(string file, string message)
    {
        Match line = CsvError().Match(message);
        string[] parts = message[(line.Index + line.Length)..]
            .Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (!line.Success)
            return $"{file}: {Shortened(parts[0])}";
        IEnumerable<string> about = parts.TakeWhile(p => !p.StartsWith("Possible", StringComparison.Ordinal));
        return $"{file}, line {line.Groups[1].Value}: {string.Join("; ", about.Select(Shortened))}.";
    }

    private static string Shortened(string text) =>
        text.Length <= LongestQuotation ? text : text[..LongestQuotation] + "…";

    [GeneratedRegex(@"CSV Error on Line: (\d+)")]
    private static partial Regex CsvError();

    [GeneratedRegex(@"[\[*?]")]
    private static partial Regex GlobCharacters();
}
