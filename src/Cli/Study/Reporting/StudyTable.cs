using System.Globalization;
using System.Text;
using System.Text.Json;

namespace KernelPolicy.Cli.Study;

/// <summary>A column of a table.</summary>
/// <param name="Key">Its name in CSV and JSON.</param>
/// <param name="Heading">Its name for people.</param>
/// <param name="Digits">Places behind the point for people; −1 for three that count.</param>
internal sealed record StudyColumn(string Key, string Heading, int Digits = -1);

/// <summary>Rows of texts, numbers and means, written as CSV, as JSON and for people: one table, whoever reads it.</summary>
/// <param name="name">Its name in JSON.</param>
/// <param name="caption">What it shows.</param>
/// <param name="columns">The columns.</param>
internal sealed class StudyTable(string name, string caption, params StudyColumn[] columns)
{
    private readonly List<object?[]> _rows = [];

    /// <summary>Its name in JSON.</summary>
    public string Name => name;

    /// <summary>What it shows.</summary>
    public string Caption => caption;

    /// <summary>The columns.</summary>
    public IReadOnlyList<StudyColumn> Columns => columns;

    /// <summary>The rows: texts, numbers, <see cref="Statistic"/> or null.</summary>
    public IReadOnlyList<object?[]> Rows => _rows;

    /// <summary>Adds a row of as many values as there are columns.</summary>
    public void Add(params object?[] values)
    {
        if (values.Length != columns.Length)
            throw new ArgumentException($"{values.Length} values for {columns.Length} columns of {name}.", nameof(values));
        _rows.Add(values);
    }

    /// <summary>The value as people read it.</summary>
    public static string Text(object? value, StudyColumn column) => value switch
    {
        null => "–",
        Statistic statistic => statistic.Text(column.Digits),
        double number => Statistic.Number(number, column.Digits),
        IFormattable other => other.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };

    /// <summary>The table as CSV; a mean has two columns, the second for its standard error.</summary>
    public string Csv()
    {
        StringBuilder text = new();
        bool[] isMean = [.. columns.Select((_, i) => _rows.Exists(row => row[i] is Statistic))];
        text.AppendJoin(',', columns.SelectMany((c, i) => isMean[i] ? new[] { c.Key, c.Key + "_se" } : [c.Key])).Append('\n');
        foreach (object?[] row in _rows)
        {
            text.AppendJoin(',', row.SelectMany((value, i) => (isMean[i], value) switch
            {
                (true, Statistic s) => new[] { Field(s.Mean), Field(s.Error) },
                (true, _) => [Field(value), ""],
                _ => [Field(value)],
            })).Append('\n');
        }

        return text.ToString();
    }

    /// <summary>Writes the rows as an array of objects.</summary>
    public void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartArray(name);
        foreach (object?[] row in _rows)
        {
            json.WriteStartObject();
            for (int i = 0; i < columns.Length; i++)
            {
                if (row[i] is not Statistic statistic)
                {
                    Write(json, columns[i].Key, row[i]);
                    continue;
                }

                Write(json, columns[i].Key, statistic.Mean);
                Write(json, columns[i].Key + "_se", statistic.Error);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, string key, object? value)
    {
        switch (value)
        {
            case double number when double.IsFinite(number):
                json.WriteNumber(key, number);
                break;
            case null or double:
                json.WriteNull(key);
                break;
            case int or long or ulong:
                json.WriteNumber(key, Convert.ToDecimal(value, CultureInfo.InvariantCulture));
                break;
            default:
                json.WriteString(key, value.ToString());
                break;
        }
    }

    private static string Field(object? value)
    {
        if (value is double number)
            return double.IsFinite(number) ? number.ToString("G9", CultureInfo.InvariantCulture) : "";
        string text = value is IFormattable other ? other.ToString(null, CultureInfo.InvariantCulture) : value?.ToString() ?? "";
        return text.AsSpan().ContainsAny(",\"\r\n") ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
    }
}
