using System.Text.RegularExpressions;

namespace KernelPolicy.Data;

/// <summary>Chooses columns by names, numbers and patterns in which <c>*</c> stands for any text.</summary>
internal static class ColumnPatterns
{
    /// <summary>The columns chosen, each once, in the order of the list and, within a pattern, of the file.</summary>
    /// <param name="layout">The file.</param>
    /// <param name="chosen">Names, numbers and patterns.</param>
    /// <param name="taken">Columns that patterns leave alone; unnamed columns they leave alone anyway.</param>
    /// <param name="required">Whether a pattern must find a column.</param>
    /// <param name="option">The option's name, for messages.</param>
    /// <exception cref="ArgumentException">There is no such column.</exception>
    public static int[] Find(
        TableLayout layout, IReadOnlyList<string> chosen, IReadOnlyCollection<int> taken, bool required, string option)
    {
        List<int> found = [];
        foreach (string text in chosen)
        {
            if (!IsPattern(text))
            {
                found.Add(ColumnNames.Named(layout, text, option));
                continue;
            }

            int before = found.Count;
            found.AddRange(Enumerable.Range(0, layout.Names?.Length ?? 0).Where(
                c => layout.Names![c].Length > 0 && !taken.Contains(c) && Matches(layout.Names[c], text)));
            if (required && found.Count == before)
                throw new ArgumentException($"{layout.File}: no column is like \"{text}\". {ColumnNames.List(layout)}", option);
        }

        return [.. found.Distinct()];
    }

    /// <summary>Whether a column is among those chosen.</summary>
    public static bool Includes(TableLayout layout, int column, IReadOnlyList<string> chosen) =>
        chosen.Any(text => text == layout.Column(column) || text == $"{column}"
            || (IsPattern(text) && layout.Names is not null && Matches(layout.Names[column], text)));

    private static bool IsPattern(string text) => text.Contains('*', StringComparison.Ordinal);

    private static bool Matches(string name, string pattern) => Regex.IsMatch(
        name, $"^{Regex.Escape(pattern).Replace("\\*", ".*", StringComparison.Ordinal)}$", RegexOptions.Singleline);
}
