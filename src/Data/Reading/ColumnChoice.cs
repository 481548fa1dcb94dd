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

    /// <summary>Names of columns that hold item ids.</summary>
    public static HashSet<string> ItemNames { get; } =
    [
        "item", "itemid", "iid", "movieid", "bookid", "trackid", "songid", "artistid", "productid", "articleid", "newsid",
        "videoid", "gameid", "businessid", "locationid", "poiid", "asin", "parentasin", "isbn", "streamer",
        "streamername",
    ];

    /// <summary>Whether a field is a column name that the options ask for or that is known.</summary>
    public static bool IsName(string field, InteractionOptions options)
    {
        string plain = ColumnNames.Plain(field);
        return field == options.UserColumn || field == options.ItemColumn || field == options.FilterColumn
            || UserNames.Contains(plain) || ItemNames.Contains(plain);
    }

    /// <summary>Finds the columns.</summary>
    /// <param name="layout">The file.</param>
    /// <param name="options">What is asked for.</param>
    /// <exception cref="ArgumentException">A column asked for does not exist, or none was asked for and the names do not
    /// settle it.</exception>
    public static ColumnChoice Find(TableLayout layout, InteractionOptions options)
    {
        int user = options.UserColumn is { } userText
            ? ColumnNames.Named(layout, userText, nameof(options.UserColumn))
            : Known(layout, UserNames, 0, "user ids");
        int item = options.ItemColumn is { } itemText
            ? ColumnNames.Named(layout, itemText, nameof(options.ItemColumn))
            : Known(layout, ItemNames, 1, "item ids");
        if (user == item)
            throw new ArgumentException($"{layout.File}: user and item are both taken from column {user}.", nameof(options));
        int filter = options.FilterColumn is { } filterText
            ? ColumnNames.Named(layout, filterText, nameof(options.FilterColumn))
            : -1;
        return new ColumnChoice(user, item, filter);
    }

    /// <summary>Format and columns, for the report.</summary>
    public string Describe(TableLayout layout)
    {
        string text = $"{layout.Format.ToString().ToLowerInvariant()}, user = {layout.Column(User)}, "
            + $"item = {layout.Column(Item)}";
        return Filter < 0 ? text : $"{text}, filter = {layout.Column(Filter)}";
    }

    private static int Known(TableLayout layout, HashSet<string> known, int unnamed, string what) =>
        layout.Names is null && layout.ColumnCount == 2 ? unnamed : ColumnNames.Known(layout, known, what);
}
