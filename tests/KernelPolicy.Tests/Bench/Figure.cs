using System.Globalization;
using System.Text.RegularExpressions;

namespace KernelPolicy.Tests.Bench;

/// <summary>A number as a text has it: value, and the unit of its last figure.</summary>
/// <param name="Text">As it is written.</param>
/// <param name="Value">What it says.</param>
/// <param name="Unit">Of the last figure that says something: zeros that end a whole number do not, but for the second figure.</param>
internal readonly partial record struct Figure(string Text, double Value, double Unit)
{
    // Tables may have other units than their source: seconds, milli- and microseconds; shares and percents.
    private static readonly double[] Scales = [1, 1e3, 1e-3, 1e2, 1e-2];

    /// <summary>The numbers of a text; commas are those of thousands.</summary>
    public static IEnumerable<Figure> In(string text) => Numbers().Matches(text).Select(match => Read(match.Value));

    /// <summary>The numbers of a line of comma-separated values.</summary>
    public static IEnumerable<Figure> InCells(string line) => line.Split(',').SelectMany(In);

    /// <summary>Whether this is what another number rounds to, in one unit or another.</summary>
    public bool IsRounded(Figure exact)
    {
        Figure rounded = this;
        return Scales.Any(scale => Math.Abs((exact.Value * scale) - rounded.Value) <= (0.5 * rounded.Unit) + (1e-9 * rounded.Value));
    }

    private static Figure Read(string text)
    {
        string digits = text.Replace(",", "", StringComparison.Ordinal);
        int point = digits.IndexOf('.', StringComparison.Ordinal);
        double unit = point >= 0
            ? Math.Pow(10, point + 1 - digits.Length)
            : Math.Pow(10, digits.Length - Math.Max(2, digits.TrimEnd('0').Length));
        return new Figure(text, double.Parse(digits, CultureInfo.InvariantCulture), Math.Max(unit, point >= 0 ? 0 : 1));
    }

    // No parts of names, as in 750000x100 or .NET 10.0.12.
    [GeneratedRegex(@"(?<![\w.,])(\d{1,3}(,\d{3})+(\.\d+)?|\d+(\.\d+)?)(?![\w]|\.\d|,\d{3})")]
    private static partial Regex Numbers();
}
