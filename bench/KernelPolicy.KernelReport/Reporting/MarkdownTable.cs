using System.Globalization;
using System.Text;

namespace KernelPolicy.KernelReport.Reporting;

/// <summary>A table in Markdown.</summary>
/// <param name="headings">Headings; those that begin with '&lt;' are of words and set left.</param>
internal sealed class MarkdownTable(params string[] headings)
{
    private readonly List<string[]> _rows = [];

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

    /// <summary>A whole number with its thousands apart.</summary>
    public static string Whole(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>Three figures or all before the point.</summary>
    public static string Number(double value) => value switch
    {
        >= 100 => value.ToString("N0", CultureInfo.InvariantCulture),
        >= 10 => value.ToString("0.0", CultureInfo.InvariantCulture),
        >= 1 => value.ToString("0.00", CultureInfo.InvariantCulture),
        _ => value.ToString("0.000", CultureInfo.InvariantCulture),
    };

    /// <summary>A share in percent.</summary>
    public static string Percent(double share) => share.ToString("0 %", CultureInfo.InvariantCulture);
}
