namespace KernelPolicy.Data;

/// <summary>Which columns of a table hold what of a decision; −1 for what the table does not have.</summary>
internal sealed record BanditColumns(
    int Action, int Propensity, int Reward, int Position, int Time, int Filter, int History, int[] Features)
{
    // Compared without case, '_', '-' and spaces.
    private static readonly HashSet<string> ActionNames =
        [.. ColumnChoice.ItemNames, "action", "actionid", "arm", "armid"];

    private static readonly HashSet<string> PropensityNames =
    [
        "propensity", "propensityscore", "pscore", "actionprob", "actionprobability", "loggingprobability",
    ];

    private static readonly HashSet<string> RewardNames = ["reward", "click", "clicks", "clicked", "isclick", "outcome"];

    private static readonly HashSet<string> PositionNames = ["position", "slot"];

    private static readonly HashSet<string> TimeNames = ["timestamp", "time", "datetime", "ts"];

    private static readonly HashSet<string> HistoryNames = ["history", "itemhistory", "userhistory"];

    private static readonly string[] UsualFeatures = ["feature_*", "user_feature_*", "context_feature_*"];

    /// <summary>Whether a field is a column name that the options ask for or that is known.</summary>
    public static bool IsName(string field, BanditLogOptions options)
    {
        string plain = ColumnNames.Plain(field);
        string?[] asked =
        [
            options.ActionColumn, options.PropensityColumn, options.RewardColumn, options.PositionColumn,
            options.TimeColumn, options.HistoryColumn, options.FilterColumn,
        ];
        return asked.Contains(field) || ActionNames.Contains(plain) || PropensityNames.Contains(plain)
            || RewardNames.Contains(plain);
    }

    /// <summary>Whether a column of this name is taken, unasked, for something that a log may have or not.</summary>
    public static bool IsTakenUnasked(string name)
    {
        string plain = ColumnNames.Plain(name);
        return PropensityNames.Contains(plain) || PositionNames.Contains(plain) || TimeNames.Contains(plain)
            || HistoryNames.Contains(plain);
    }

    /// <summary>Finds the columns.</summary>
    /// <param name="layout">The file.</param>
    /// <param name="options">What is asked for.</param>
    /// <param name="features">Names of the features to take, where an encoding or an earlier file has settled them.</param>
    /// <exception cref="ArgumentException">A column asked for does not exist, none was asked for and the names do not
    /// settle it, or one is taken for two things.</exception>
    public static BanditColumns Find(TableLayout layout, BanditLogOptions options, IReadOnlyList<string>? features)
    {
        int action = Required(layout, options.ActionColumn, nameof(options.ActionColumn), ActionNames, "actions");
        int reward = Required(layout, options.RewardColumn, nameof(options.RewardColumn), RewardNames, "rewards");
        int propensity = Optional(
            layout, options.PropensityColumn, nameof(options.PropensityColumn), PropensityNames, "propensities");
        int position = Optional(layout, options.PositionColumn, nameof(options.PositionColumn), PositionNames, "positions");
        int time = Optional(layout, options.TimeColumn, nameof(options.TimeColumn), TimeNames, "times");
        int history = Optional(layout, options.HistoryColumn, nameof(options.HistoryColumn), HistoryNames, "histories");
        int filter = options.FilterColumn is { } text
            ? ColumnNames.Named(layout, text, nameof(options.FilterColumn))
            : -1;
        int[] taken = [.. new[] { action, reward, propensity, position, time, history }.Where(c => c >= 0)];
        if (taken.GroupBy(c => c).FirstOrDefault(g => g.Count() > 1) is { } twice)
        {
            throw new ArgumentException(
                $"{layout.File}: {layout.Column(twice.Key)} is taken for two things; name the columns apart.", nameof(options));
        }

        int[] found = features is not null
            ? [.. features.Select(name => Feature(layout, name))]
            : ColumnPatterns.Find(
                layout,
                options.FeatureColumns ?? UsualFeatures,
                taken,
                options.FeatureColumns is not null,
                nameof(options.FeatureColumns));
        return new BanditColumns(action, propensity, reward, position, time, filter, history, found);
    }

    /// <summary>Format and columns, for the report.</summary>
    public string Describe(TableLayout layout)
    {
        (string What, int Column)[] all =
        [
            ("action", Action), ("propensity", Propensity), ("reward", Reward), ("position", Position), ("time", Time),
            ("history", History), ("filter", Filter),
        ];
        IEnumerable<string> named = all.Where(c => c.Column >= 0).Select(c => $"{c.What} = {layout.Column(c.Column)}");
        return $"{layout.Format.ToString().ToLowerInvariant()}, {string.Join(", ", named)}, {Features.Length} feature columns";
    }

    private static int Required(TableLayout layout, string? text, string option, HashSet<string> known, string what) =>
        text is not null ? ColumnNames.Named(layout, text, option) : ColumnNames.Known(layout, known, what);

    private static int Optional(TableLayout layout, string? text, string option, HashSet<string> known, string what) =>
        text is not null ? ColumnNames.Named(layout, text, option) : ColumnNames.KnownOrNone(layout, known, what);

    private static int Feature(TableLayout layout, string name)
    {
        for (int column = 0; column < layout.ColumnCount; column++)
        {
            if (layout.Column(column) == name)
                return column;
        }

        throw new ArgumentException(
            $"{layout.File}: there is no feature \"{name}\", which the encoding or the first file has. "
            + ColumnNames.List(layout),
            nameof(name));
    }
}
