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
/// <param name="Columns">The columns to take.</param>
internal sealed record FileLayout(
    string File,
    InteractionFormat Format,
    bool Gzip,
    string Delimiter,
    bool Quoted,
    bool Header,
    string[]? Names,
    int ColumnCount,
    ColumnChoice Columns)
{
    /// <summary>Looks at the first lines of a delimited file.</summary>
    public static FileLayout OfDelimited(string file, InteractionFormat format, InteractionOptions options)
    {
        string delimiter = options.Delimiter ?? format switch
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
            header = options.Header switch
            {
                HeaderMode.Yes => true,
                HeaderMode.No => false,
                _ => head.HasHeader(file, field => ColumnChoice.IsName(field, options)),
            };
        }

        string[]? known = header ? names : null;
        ColumnChoice columns = ColumnChoice.Find(file, known, names.Length, options);
        return new FileLayout(file, format, gzip, delimiter, quoted, header, known, names.Length, columns);
    }

    /// <summary>For a Parquet file with the given columns.</summary>
    public static FileLayout OfParquet(string file, string[] names, InteractionOptions options) =>
        new(file, InteractionFormat.Parquet, false, "", false, true, names, names.Length,
            ColumnChoice.Find(file, names, names.Length, options));

    /// <summary>Format and columns, for the report.</summary>
    public string Describe()
    {
        string text = $"{Format.ToString().ToLowerInvariant()}, user = {Column(Columns.User)}, item = {Column(Columns.Item)}";
        return Columns.Filter < 0 ? text : $"{text}, filter = {Column(Columns.Filter)}";
    }

    /// <summary>A column as a person would name it.</summary>
    public string Column(int number) => Names is null ? $"column {number}" : Names[number];

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
