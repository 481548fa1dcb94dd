namespace KernelPolicy.Data;

/// <summary>How one delimited file or Parquet file is to be read: settled before its rows are, so that a wrong option
/// shows at once.</summary>
/// <param name="File">Path of the file.</param>
/// <param name="Format">Never Auto.</param>
/// <param name="Gzip">Whether it is gzipped.</param>
/// <param name="Delimiter">What separates fields; empty for Parquet.</param>
/// <param name="Quoted">Whether fields may be quoted.</param>
/// <param name="Header">Whether the first line is a header.</param>
/// <param name="Names">Names of the columns, or null.</param>
/// <param name="ColumnCount">How many columns each row must have.</param>
internal sealed record TableLayout(
    string File,
    InteractionFormat Format,
    bool Gzip,
    string Delimiter,
    bool Quoted,
    bool Header,
    string[]? Names,
    int ColumnCount)
{
    /// <summary>Looks at the first lines of a delimited file.</summary>
    /// <param name="file">Path of the file.</param>
    /// <param name="format">Any but Auto, Sessions and Parquet.</param>
    /// <param name="separator">What separates fields, or null for what the format says.</param>
    /// <param name="headerMode">Whether there is a header.</param>
    /// <param name="isName">Whether a field is a column name asked for or known.</param>
    public static TableLayout OfDelimited(
        string file, InteractionFormat format, string? separator, HeaderMode headerMode, Func<string, bool> isName)
    {
        string delimiter = separator ?? format switch
        {
            InteractionFormat.Csv => ",",
            InteractionFormat.Space => " ",
            _ => "\t",
        };
        bool quoted = format is InteractionFormat.Csv or InteractionFormat.Tsv;
        bool gzip = FormatResolver.IsGzip(file);
        DelimitedHead head = DelimitedHead.Read(file, gzip, delimiter, quoted);
        if (head.First.Length < 2)
        {
            throw new InvalidDataException(
                $"{file}, line 1: expected at least two fields separated by \"{Shown(delimiter)}\", found one: "
                + $"\"{Shortened(head.First[0])}\".");
        }

        bool header;
        string[] names = head.First;
        if (format == InteractionFormat.Inter)
        {
            header = true;
            names = [.. names.Select(n => InterName(file, n))];
        }
        else
        {
            header = headerMode switch
            {
                HeaderMode.Yes => true,
                HeaderMode.No => false,
                _ => head.HasHeader(file, isName),
            };
        }

        return new TableLayout(file, format, gzip, delimiter, quoted, header, header ? names : null, names.Length);
    }

    /// <summary>For a Parquet file with the given columns.</summary>
    public static TableLayout OfParquet(string file, string[] names) =>
        new(file, InteractionFormat.Parquet, false, "", false, true, names, names.Length);

    /// <summary>A column as a person would name it.</summary>
    public string Column(int number) => Names is null ? $"column {number}" : Names[number];

    /// <summary>A column's value in SQL.</summary>
    public string Field(int number) => Format == InteractionFormat.Parquet
        ? $"\"{Names![number].Replace("\"", "\"\"", StringComparison.Ordinal)}\""
        : $"c{number}";

    /// <summary>The file as a table in SQL. Every column of a delimited file is declared, and as text: a short row is
    /// then an error, and "007" stays "007".</summary>
    public string From()
    {
        string path = DuckSource.PathLiteral(File);
        if (Format == InteractionFormat.Parquet)
            return $"read_parquet({path})";
        string columns = string.Join(", ", Enumerable.Range(0, ColumnCount).Select(c => $"'c{c}': 'VARCHAR'"));
        string quote = Quoted ? "\"" : "";
        return $"read_csv({path}, "
            + $"auto_detect = false, header = {(Header ? "true" : "false")}, "
            + $"delim = {DuckSource.Literal(Delimiter)}, quote = '{quote}', escape = '{quote}', comment = '', "
            + $"compression = '{(Gzip ? "gzip" : "none")}', columns = {{{columns}}})";
    }

    private static string InterName(string file, string field)
    {
        int colon = field.IndexOf(':', StringComparison.Ordinal);
        return colon > 0
            ? field[..colon]
            : throw new InvalidDataException(
                $"{file}, line 1: expected a header like \"user_id:token<TAB>item_id:token\", found \"{Shortened(field)}\".");
    }

    private static string Shown(string delimiter) => delimiter == "\t" ? "\\t" : delimiter;

    private static string Shortened(string text) => text.Length <= 60 ? text : text[..60] + "…";
}
