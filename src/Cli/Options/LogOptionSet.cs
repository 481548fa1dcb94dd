using System.CommandLine;
using System.Text.Json.Serialization;
using KernelPolicy.Data;

namespace KernelPolicy.Cli.Options;

/// <summary>Where logged decisions come from.</summary>
/// <param name="Files">Files to read; empty for the synthetic log.</param>
/// <param name="Reading">How to read them.</param>
/// <param name="ItemFeatures">File of the items' features; null where β is made otherwise.</param>
/// <param name="Contexts">features, histories, or auto for what the log has.</param>
/// <param name="FitPropensities">Whether the log has no propensities, and they are to be fitted.</param>
internal sealed record LogSource(
    IReadOnlyList<string> Files, BanditLogOptions Reading, string? ItemFeatures, string Contexts, bool FitPropensities)
{
    /// <summary>Whether the log is drawn, not read.</summary>
    public bool IsSynthetic => Files.Count == 0;

    /// <summary>Whether anything was said of how to read the files.</summary>
    [JsonIgnore]
    public bool IsDescribed { get; init; }

    /// <summary>The same, to be found from any folder.</summary>
    public LogSource WithFullPaths() => this with
    {
        Files = [.. Files.Select(Path.GetFullPath)],
        ItemFeatures = ItemFeatures is { } file ? Path.GetFullPath(file) : null,
    };
}

/// <summary>Options on the decisions to read.</summary>
/// <param name="logDescription">What the files are for, and what happens without any.</param>
internal sealed class LogOptionSet(string logDescription) : OptionSet<LogSource>
{
    private readonly Option<string[]> _log = OptionFactory.Texts("--log", logDescription, "FILE");

    private readonly Option<string> _format = OptionFactory.Choice(
        "--log-format",
        "Whose column names the log uses: usual for action, propensity, reward and the like; open-bandit for the Open Bandit Dataset.",
        "usual", "open-bandit");

    private readonly Option<string> _fileFormat = OptionFactory.Choice(
        "--file-format", "How the files are written; auto goes by their extensions.", "auto", "csv", "tsv", "inter", "space", "parquet");

    private readonly Option<string> _header = OptionFactory.Choice(
        "--header", "Whether the first line names the columns; auto looks.", "auto", "yes", "no");

    private readonly Option<string?> _delimiter = OptionFactory.Text(
        "--delimiter", "What separates columns, where it is not what the format says.", "TEXT");

    private readonly Option<string?> _action = Column("--action-column", "the item taken");
    private readonly Option<string?> _propensity = Column("--propensity-column", "the propensity, the probability with which it was taken");
    private readonly Option<string?> _reward = Column("--reward-column", "the reward");
    private readonly Option<string?> _position = Column("--position-column", "the position");
    private readonly Option<string?> _time = Column("--time-column", "the time");
    private readonly Option<string?> _history = Column("--history-column", "the history, item ids apart by spaces");

    private readonly Option<string[]> _features = OptionFactory.Texts(
        "--feature-columns", "Columns of the context's features; * stands for any text. Without it feature_*, user_feature_*, context_feature_*.",
        "COLUMN");

    private readonly Option<string[]> _categories = OptionFactory.Texts(
        "--category-columns", "Which of them are categories even where they look like numbers.", "COLUMN");

    private readonly Option<bool> _noIntercept = OptionFactory.Switch(
        "--no-intercept", "Leave out the feature that is 1 in every context, by which a policy can prefer items everywhere.");

    private readonly Option<(string Column, string Value)?> _filter = OptionFactory.ColumnValue(
        "--filter", "Take only rows whose column holds this value, such as position=1.");

    private readonly Option<string?> _itemFeatures = OptionFactory.Text(
        "--item-features",
        "File with a column of item ids and columns of features, for β. Without it one feature an item, or for histories their SVD.",
        "FILE");

    private readonly Option<string> _contexts = OptionFactory.Choice(
        "--contexts", "What a context is: the row's features, or the mean of β over its history; auto takes what the log has.",
        "auto", "features", "histories");

    private readonly Option<bool> _fit = OptionFactory.Switch(
        "--fit-propensities", "The log has no propensities: fit a policy to its actions, and weigh by that one's.");

    /// <inheritdoc/>
    public override IEnumerable<Option> All =>
    [
        _log, _format, _fileFormat, _header, _delimiter, _action, _propensity, _reward, _position, _time, _history, _features, _categories,
        _noIntercept, _filter, _itemFeatures, _contexts, _fit,
    ];

    /// <inheritdoc/>
    public override LogSource Bind(ParseResult parsed)
    {
        string[] files = parsed.GetValue(_log) ?? [];
        Option? given = All.FirstOrDefault(option => option != _log && parsed.GetResult(option) is { Implicit: false });
        if (files.Length == 0 && given is not null)
            throw new ArgumentException($"{given.Name} says how to read a log; name its files with --log.");
        (string Column, string Value)? filter = parsed.GetValue(_filter);
        string contexts = parsed.GetRequiredValue(_contexts);
        string[]? features = parsed.GetResult(_features) is { Implicit: false } ? parsed.GetValue(_features) : null;
        BanditLogOptions reading = new()
        {
            Format = parsed.GetRequiredValue(_format) == "open-bandit" ? BanditLogFormat.OpenBandit : BanditLogFormat.Usual,
            FileFormat = parsed.Value<InteractionFormat>(_fileFormat),
            Header = parsed.Value<HeaderMode>(_header),
            // Shells pass a backslash and a t where a person means a tab.
            Delimiter = parsed.GetValue(_delimiter)?.Replace("\\t", "\t", StringComparison.Ordinal),
            ActionColumn = parsed.GetValue(_action),
            PropensityColumn = parsed.GetValue(_propensity),
            RewardColumn = parsed.GetValue(_reward),
            PositionColumn = parsed.GetValue(_position),
            TimeColumn = parsed.GetValue(_time),
            HistoryColumn = parsed.GetValue(_history),
            // Features that nobody looks at need not be read, nor be numbers.
            FeatureColumns = contexts == "histories" ? [] : features,
            CategoryColumns = parsed.GetValue(_categories) ?? [],
            Intercept = !parsed.GetValue(_noIntercept),
            FilterColumn = filter?.Column,
            FilterValue = filter?.Value,
        };
        return new LogSource(files, reading, parsed.GetValue(_itemFeatures), contexts, parsed.GetValue(_fit))
        {
            IsDescribed = All.Except([_log, _itemFeatures, _contexts, _fit]).Any(option => parsed.GetResult(option) is { Implicit: false }),
        };
    }

    private static Option<string?> Column(string name, string what) => OptionFactory.Text(
        name, $"Name or number (from 0) of the column with {what}. Without it, the one whose name says so.", "COLUMN");
}
