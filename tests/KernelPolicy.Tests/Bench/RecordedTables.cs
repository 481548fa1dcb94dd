using System.Text.RegularExpressions;

namespace KernelPolicy.Tests.Bench;

/// <summary>
/// Compares the tables of a text that claim to come from results with these. Nothing is rewritten.
/// </summary>
/// <remarks>
/// <para>Before a table stands <c>&lt;!-- from FILE --&gt;</c>, once for each source. Each number of a cell, as it is rounded, must be on a
/// line of a source that also has the numbers of the row's first cell, or its words, code or not, where it has no number.</para>
/// <para><c>&lt;!-- from FILE lines WORDS --&gt;</c> is for rows that are named otherwise in the source: numbers must be on lines that
/// have these words.</para>
/// </remarks>
/// <param name="root">Where files are named from.</param>
internal sealed partial class RecordedTables(string root)
{
    /// <summary>What does not agree, a line each; empty where all does.</summary>
    public IReadOnlyList<string> Faults(string text)
    {
        List<string> faults = [];
        foreach (Table table in Find(text))
        {
            if (table.Sources.Count == 0)
            {
                if (IsOfNumbers(table))
                    faults.Add($"line {table.Line}: a table of numbers without the results that it is from: <!-- from bench/results/… -->");
                continue;
            }

            IReadOnlyList<SourceLine>[] sources = [.. table.Sources.Select(source => Read(source, table.Line, faults))];
            for (int row = 0; row < table.Rows.Count; row++)
                Check(table, row, [.. sources.SelectMany(lines => lines)], faults);
        }

        return faults;
    }

    private static void Check(Table table, int row, IReadOnlyList<SourceLine> lines, List<string> faults)
    {
        string[] cells = table.Rows[row];
        string words = cells[0].Trim('`');
        Figure[] names = [.. Figure.In(words)];
        foreach (string cell in cells.Skip(1))
        {
            foreach (Figure figure in Figure.In(cell))
            {
                if (!lines.Any(line => (line.IsChosen || (names.Length > 0 ? names.All(line.Has) : line.Text.Contains(words, StringComparison.Ordinal))) && line.Figures.Any(figure.IsRounded)))
                    faults.Add($"line {table.Line + row + 2}: {figure.Text} of '{cells[0]}' is not in {string.Join(", ", table.Sources.Select(s => s.File))}");
            }
        }
    }

    private IReadOnlyList<SourceLine> Read(Source source, int line, List<string> faults)
    {
        string path = Path.Combine(root, source.File);
        if (!File.Exists(path))
        {
            faults.Add($"line {line}: there is no {source.File}");
            return [];
        }

        bool isCells = path.EndsWith(".csv", StringComparison.Ordinal);
        return
        [
            .. File.ReadLines(path).Where(text => text.Contains(source.Words, StringComparison.Ordinal)).Select(
                text => new SourceLine(text, [.. isCells ? Figure.InCells(text) : Figure.In(text)], source.Words.Length > 0)),
        ];
    }

    private static bool IsOfNumbers(Table table)
    {
        string[] cells = [.. table.Rows.SelectMany(row => row.Skip(1))];
        return cells.Length > 0 && cells.Count(cell => cell.Length > 0 && char.IsAsciiDigit(cell[0])) > cells.Length / 2;
    }

    private static IEnumerable<Table> Find(string text)
    {
        string[] lines = text.Split('\n');
        List<Source> sources = [];
        for (int i = 0; i < lines.Length; i++)
        {
            Match marker = Marker().Match(lines[i]);
            if (marker.Success)
            {
                sources.Add(new Source(marker.Groups["file"].Value, marker.Groups["words"].Value));
            }
            else if (lines[i].StartsWith('|') && i + 1 < lines.Length && lines[i + 1].StartsWith("| -", StringComparison.Ordinal))
            {
                int first = i + 2, end = first;
                while (end < lines.Length && lines[end].StartsWith('|'))
                    end++;
                yield return new Table(i + 1, [.. sources], [.. lines[first..end].Select(Cells)]);
                sources.Clear();
                i = end - 1;
            }
            else if (lines[i].Trim().Length > 0)
            {
                sources.Clear();
            }
        }
    }

    private static string[] Cells(string line) => [.. line.Trim().Trim('|').Split('|').Select(cell => cell.Trim())];

    [GeneratedRegex(@"^<!-- from (?<file>\S+)( lines (?<words>.+?))? -->\s*$")]
    private static partial Regex Marker();

    private sealed record Source(string File, string Words);

    private sealed record Table(int Line, IReadOnlyList<Source> Sources, IReadOnlyList<string[]> Rows);

    private sealed record SourceLine(string Text, IReadOnlyList<Figure> Figures, bool IsChosen)
    {
        public bool Has(Figure figure) => Figures.Any(other => other.Value == figure.Value);
    }
}
