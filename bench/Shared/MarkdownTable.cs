using System.Globalization;
using System.Text;

namespace KernelPolicy.Bench;

/// <summary>A table in Markdown, and how its numbers are written.</summary>
/// <param name="headings">Headings; those that begin with '&lt;' are of words and set left.</param>
internal sealed class MarkdownTable(params string[] headings)
{
    private readonly List<string[]> _rows = [];

    /// <summary>Rows so far.</summary>
    public int Count => _rows.Count;

    /// <summary>Adds a row.</summary>
    public void Add(params string[] cells) => _rows.Add(cells);

    /// <summary>Writes the table.</summary>
    public void WriteTo(StringBuilder text)
    {
        Line(headings.Select(h => h.TrimStart('<')));
        Line(headings.Select(h => h.StartsWith('<') ? "---" : "---:"));
        foreach (string[] row in _rows)
            Line(row);
        text.AppendLine();

        void Line(IEnumerable<string> cells) => text.Append("| ").AppendJoin(" | ", cells).AppendLine(" |");
    }

    /// <summary>Three figures or all before the point; a dash where there is no number.</summary>
    public static string Number(double value) => double.IsNaN(value) ? "–" : value switch
    {
        >= 100 => value.ToString("N0", CultureInfo.InvariantCulture),
        >= 10 => value.ToString("0.0", CultureInfo.InvariantCulture),
        >= 1 => value.ToString("0.00", CultureInfo.InvariantCulture),
        _ => value.ToString("0.000", CultureInfo.InvariantCulture),
    };

    /// <summary>The same, but two figures and a power of ten below a hundredth: for errors, which may be small and still differ.</summary>
    public static string Error(double value) => value switch
    {
        0 => "0",
        < 0.01 => value.ToString("0.0e+0", CultureInfo.InvariantCulture),
        _ => Number(value),
    };

    /// <summary>A whole number with its thousands apart.</summary>
    public static string Whole(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A ratio.</summary>
    public static string Ratio(double value) =>
        double.IsNaN(value) ? "–" : value.ToString("0.00", CultureInfo.InvariantCulture) + " ×";

    /// <summary>A share in percent.</summary>
    public static string Percent(double value) =>
        double.IsNaN(value) ? "–" : value.ToString("0 %", CultureInfo.InvariantCulture);

    /// <summary>Bytes in MiB.</summary>
    public static string Mebibytes(double bytes) => Number(bytes / (1 << 20));
}
