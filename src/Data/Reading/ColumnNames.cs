using System.Globalization;

namespace KernelPolicy.Data;

/// <summary>Finds columns of a file by the name or number that an option gives, or by names that are known.</summary>
internal static class ColumnNames
{
    /// <summary>A name without what spellings differ in: case, '_', '-' and spaces.</summary>
    public static string Plain(string name) =>
        string.Concat(name.Where(c => c is not ('_' or '-' or ' '))).ToLowerInvariant();

    /// <summary>The column of a name or, where there is none of that name, of a 0-based number.</summary>
    /// <exception cref="ArgumentException">There is no such column.</exception>
    public static int Named(TableLayout layout, string text, string option)
    {
        int byName = layout.Names is null ? -1 : Array.IndexOf(layout.Names, text);
        if (byName >= 0)
            return byName;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number < layout.ColumnCount)
            return number;
        throw new ArgumentException($"{layout.File}: there is no column \"{text}\". {List(layout)}", option);
    }

    /// <summary>The one column with a known name; −1 where there is none.</summary>
    /// <exception cref="ArgumentException">There are several: no guess is made.</exception>
    public static int KnownOrNone(TableLayout layout, HashSet<string> known, string what)
    {
        if (layout.Names is not { } names)
            return -1;
        int[] found = [.. Enumerable.Range(0, names.Length).Where(i => known.Contains(Plain(names[i])))];
        return found.Length switch
        {
            0 => -1,
            1 => found[0],
            _ => throw new ArgumentException(
                $"{layout.File}: more than one column could be known to hold the {what}; say which does. {List(layout)}",
                nameof(layout)),
        };
    }

    /// <summary>The one column with a known name.</summary>
    /// <exception cref="ArgumentException">The names do not settle it, or there are none.</exception>
    public static int Known(TableLayout layout, HashSet<string> known, string what)
    {
        if (layout.Names is null)
        {
            throw new ArgumentException(
                $"{layout.File}: say which column holds the {what}. {List(layout)}", nameof(layout));
        }

        int found = KnownOrNone(layout, known, what);
        return found >= 0
            ? found
            : throw new ArgumentException(
                $"{layout.File}: no column is known to hold the {what}; say which does. {List(layout)}", nameof(layout));
    }

    /// <summary>What columns there are, for a message.</summary>
    public static string List(TableLayout layout) => layout.Names is null
        ? $"The file has no header and columns 0 to {layout.ColumnCount - 1}."
        : $"The columns are {string.Join(", ", layout.Names.Select(n => $"\"{n}\""))}.";
}
