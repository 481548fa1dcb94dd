using System.Globalization;

namespace KernelPolicy.Data;

/// <summary>Reads files with one session a line: item ids between spaces or tabs.</summary>
internal static class SessionLines
{
    private const int LongestLine = 1 << 24;

    /// <summary>Passes the items of each line to the builder; its user is the number of the line.</summary>
    /// <returns>Lines up to the end of this file.</returns>
    /// <param name="duck">Parses.</param>
    /// <param name="file">Path of the file.</param>
    /// <param name="linesBefore">Lines in the files before this one.</param>
    /// <param name="builder">Receives the rows.</param>
    /// <param name="report">Called now and then.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="InvalidDataException">The file is broken gzip or not UTF-8.</exception>
    public static long Read(
        DuckSource duck,
        string file,
        long linesBefore,
        InteractionBuilder builder,
        Action report,
        CancellationToken cancellationToken)
    {
        // The line is the only column, split at a character that text does not hold; a blank line comes as null.
        string query = $"SELECT line FROM read_csv({DuckSource.PathLiteral(file)}, auto_detect = false, header = false, "
            + $"delim = '\x1F', quote = '', escape = '', comment = '', max_line_size = {LongestLine}, "
            + $"compression = '{(FormatResolver.IsGzip(file) ? "gzip" : "none")}', columns = {{'line': 'VARCHAR'}})";
        long lines = linesBefore;
        duck.ForEachRow(
            file,
            query,
            (reader, row) =>
            {
                lines = linesBefore + row;
                if (!reader.IsDBNull(0))
                    AddLine(reader.GetString(0), lines, builder);
            },
            report,
            cancellationToken);
        return lines;
    }

    private static void AddLine(ReadOnlySpan<char> line, long lineNumber, InteractionBuilder builder)
    {
        int user = -1;
        foreach (Range range in line.SplitAny(' ', '\t'))
        {
            ReadOnlySpan<char> item = line[range];
            if (item.IsEmpty)
                continue;
            if (user < 0)
                user = builder.UserNumber(lineNumber.ToString(CultureInfo.InvariantCulture));
            builder.RowsRead++;
            builder.Add(user, item);
        }
    }
}
