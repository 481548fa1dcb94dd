namespace KernelPolicy.Data;

/// <summary>Finds a row's line in a delimited file, for a message: rows and lines part at blank lines and at line breaks
/// within quotes. Reads the file again, which only a fault costs.</summary>
internal static class DelimitedLines
{
    /// <summary>The 1-based line on which a row of data starts.</summary>
    /// <param name="layout">The file.</param>
    /// <param name="row">Number of the row, from 1.</param>
    public static long LineOf(TableLayout layout, long row)
    {
        using StreamReader reader = FormatResolver.OpenText(layout.File, layout.Gzip);
        long line = 0;
        long rows = layout.Header ? -1 : 0;
        bool inQuotes = false;
        while (reader.ReadLine() is { } text)
        {
            line++;
            if (!inQuotes && text.Length > 0 && ++rows == row)
                return line;
            if (layout.Quoted && (text.AsSpan().Count('"') & 1) == 1)
                inQuotes = !inQuotes;
        }

        return line;
    }
}
