using System.Globalization;

namespace KernelPolicy.EstimatorComparison.Reporting;

/// <summary>Rows of CSV files of one kind, by the names of their columns. No field holds a comma.</summary>
internal sealed class CsvTable
{
    private readonly Dictionary<string, int> _columns;
    private readonly List<string[]> _rows;

    private CsvTable(Dictionary<string, int> columns, List<string[]> rows) => (_columns, _rows) = (columns, rows);

    /// <summary>Number of rows.</summary>
    public int Count => _rows.Count;

    /// <summary>Reads files that share a first line.</summary>
    /// <exception cref="InvalidDataException">Their first lines differ, or a row has another number of fields.</exception>
    public static CsvTable Read(IEnumerable<string> files)
    {
        string? head = null;
        List<string[]> rows = [];
        foreach (string file in files)
        {
            string[] lines = File.ReadAllLines(file);
            head ??= lines[0];
            if (lines[0] != head)
                throw new InvalidDataException($"{file} begins with '{lines[0]}', the others with '{head}'.");
            for (int i = 1; i < lines.Length; i++)
            {
                string[] fields = lines[i].Split(',');
                if (fields.Length != head.Split(',').Length)
                    throw new InvalidDataException($"{file}, line {i + 1}: {fields.Length} fields instead of {head.Split(',').Length}.");
                rows.Add(fields);
            }
        }

        return new CsvTable((head ?? "").Split(',').Select((name, i) => (name, i)).ToDictionary(p => p.name, p => p.i), rows);
    }

    /// <summary>A field as text.</summary>
    public string Text(int row, string column) => _rows[row][_columns[column]];

    /// <summary>A field as a number.</summary>
    public double Number(int row, string column) => double.Parse(Text(row, column), CultureInfo.InvariantCulture);

    /// <summary>The rows whose column holds a value.</summary>
    public IEnumerable<int> Where(string column, string value) => Enumerable.Range(0, Count).Where(row => Text(row, column) == value);

    /// <summary>The different values of a column, in order of appearance.</summary>
    public IEnumerable<string> Values(string column) => Enumerable.Range(0, Count).Select(row => Text(row, column)).Distinct();
}
