using System.Globalization;

namespace KernelPolicy.Data;

/// <summary>Which columns of a table hold the user, the item and, where one is asked for, the filter.</summary>
/// <param name="User">0-based number of the user column.</param>
/// <param name="Item">0-based number of the item column.</param>
/// <param name="Filter">0-based number of the filter column, or −1.</param>
internal readonly record struct ColumnChoice(int User, int Item, int Filter)
{
    // Compared without case, '_', '-' and spaces. A file in which two of a list occur is not guessed at.
    private static readonly HashSet<string> UserNames =
    [
        "user", "userid", "uid", "username", "visitorid", "customerid", "memberid", "reviewerid", "session", "sessionid",
        "playlistid",
    ];

    private static readonly HashSet<string> ItemNames =
    [
        "item", "itemid", "iid", "movieid", "bookid", "trackid", "songid", "artistid", "productid", "articleid", "newsid",
        "videoid", "gameid", "businessid", "locationid", "poiid", "asin", "parentasin", "isbn", "streamer",
        "streamername",
    ];

    /// <summary>Whether a field is a column name that the options ask for or that is known.</summary>
    public static bool IsName(string field, InteractionOptions options)
    {
        string plain = Plain(field);
        return field == options.UserColumn || field == options.ItemColumn || field == options.FilterColumn
            || UserNames.Contains(plain) || ItemNames.Contains(plain);
    }

    /// <summary>Finds the columns.</summary>
    /// <param name="file">For messages.</param>
    /// <param name="names">Names of the columns, or null where the file has no header.</param>
    /// <param name="count">Number of columns.</param>
    /// <param name="options">What is asked for.</param>
    /// <exception cref="ArgumentException">A column asked for does not exist, or none was asked for and the names do not
    /// settle it.</exception>
    public static ColumnChoice Find(string file, string[]? names, int count, InteractionOptions options)
    {
        int user = options.UserColumn is { } userText
            ? Named(file, names, count, userText, nameof(options.UserColumn))
            : Known(file, names, count, UserNames, 0, "user");
        int item = options.ItemColumn is { } itemText
            ? Named(file, names, count, itemText, nameof(options.ItemColumn))
            : Known(file, names, count, ItemNames, 1, "item");
        if (user == item)
            throw new ArgumentException($"{file}: user and item are both taken from column {user}.", nameof(options));
        int filter = options.FilterColumn is { } filterText
            ? Named(file, names, count, filterText, nameof(options.FilterColumn))
            : -1;
        return new ColumnChoice(user, item, filter);
    }

    private static int Named(string file, string[]? names, int count, string text, string option)
    {
        int byName = names is null ? -1 : Array.IndexOf(names, text);
        if (byName >= 0)
            return byName;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number < count)
            return number;
        throw new ArgumentException($"{file}: there is no column \"{text}\". {List(names, count)}", option);
    }

    private static int Known(string file, string[]? names, int count, HashSet<string> known, int unnamed, string what)
    {
        if (names is null)
        {
            return count == 2
                ? unnamed
                : throw new ArgumentException(
                    $"{file}: say which column holds the {what} ids. {List(names, count)}", nameof(file));
        }

        int[] found = [.. Enumerable.Range(0, count).Where(i => known.Contains(Plain(names[i])))];
        return found.Length == 1
            ? found[0]
            : throw new ArgumentException(
                $"{file}: {(found.Length == 0 ? "no column is" : "more than one column could be")} known to hold the "
                + $"{what} ids; say which does. {List(names, count)}",
                nameof(file));
    }

    private static string List(string[]? names, int count) => names is null
        ? $"The file has no header and columns 0 to {count - 1}."
        : $"The columns are {string.Join(", ", names.Select(n => $"\"{n}\""))}.";

    private static string Plain(string name) =>
        string.Concat(name.Where(c => c is not ('_' or '-' or ' '))).ToLowerInvariant();
}
