namespace KernelPolicy.Data;

/// <summary>What to take from files of logged decisions, and how to make features of it.</summary>
/// <remarks>
/// <para>A column is given by its name or its 0-based number; a name goes before a number. Null stands for the column with
/// a usual name, compared without case, '_', '-' and spaces; two such columns are an error that asks.</para>
/// <para>Immutable as long as the lists are; safe to share between threads.</para>
/// </remarks>
public sealed record BanditLogOptions
{
    /// <summary>Whose column names the files use.</summary>
    public BanditLogFormat Format { get; init; }

    /// <summary>How the files are written, all of them alike; any but sessions.</summary>
    public InteractionFormat FileFormat { get; init; }

    /// <summary>Whether the first line of a delimited file names its columns; see <see cref="InteractionOptions.Header"/>.</summary>
    public HeaderMode Header { get; init; }

    /// <summary>What separates fields, 1 to 4 characters, where it is not what the format says.</summary>
    public string? Delimiter { get; init; }

    /// <summary>Column of the item taken. Usual: action, arm, item_id and the like.</summary>
    public string? ActionColumn { get; init; }

    /// <summary>Column of the propensity. Usual: propensity, propensity_score, pscore and the like; a log without one has
    /// no propensities.</summary>
    public string? PropensityColumn { get; init; }

    /// <summary>Column of the reward, a number or true/false. Usual: reward, click and the like.</summary>
    public string? RewardColumn { get; init; }

    /// <summary>Column of the position, an integer. Usual: position, slot; may be absent.</summary>
    public string? PositionColumn { get; init; }

    /// <summary>Column of the time, a number or a date. Usual: timestamp, time, datetime; may be absent.</summary>
    public string? TimeColumn { get; init; }

    /// <summary>Column of the history: item ids in one field, separated by spaces, or a LIST of Parquet. Usual: history,
    /// item_history; may be absent.</summary>
    public string? HistoryColumn { get; init; }

    /// <summary>
    /// Columns of features: names, numbers, or patterns in which <c>*</c> stands for any text (<c>user_feature_*</c>). A
    /// pattern gives its columns in the order of the file, each column once. Null: <c>feature_*</c>,
    /// <c>user_feature_*</c> and <c>context_feature_*</c>, as far as there are any; empty: none.
    /// </summary>
    public IReadOnlyList<string>? FeatureColumns { get; init; }

    /// <summary>
    /// Which features are categories, by name or pattern. Others are numbers where the first row read holds a number, and
    /// categories where it holds text; all rows must then agree.
    /// </summary>
    public IReadOnlyList<string> CategoryColumns { get; init; } = [];

    /// <summary>Whether X starts with a column of ones, so that a policy can prefer items in every context.</summary>
    public bool Intercept { get; init; } = true;

    /// <summary>Most categories of one column, at least 1: X holds N floats for each.</summary>
    public int MaxCategories { get; init; } = 256;

    /// <summary>
    /// Ids of the catalogue [P] in their order, as <see cref="BanditLog.ItemIds"/> of another log has them: items get these
    /// numbers, and any other id is an error. Null: the items found, in the order of their values where all ids are
    /// integers as printed and otherwise in ordinal order.
    /// </summary>
    public IReadOnlyList<string>? Items { get; init; }

    /// <summary>The encoding of another log, for X to have the same columns: features are found by its names, and a text
    /// that is none of its categories gives zeros and is counted. Null: made from the files.</summary>
    public FeatureEncoding? Encoding { get; init; }

    /// <summary>Column that says which rows count, with <see cref="FilterValue"/>.</summary>
    public string? FilterColumn { get; init; }

    /// <summary>The text that <see cref="FilterColumn"/> holds in rows that count, whole and case-sensitive.</summary>
    public string? FilterValue { get; init; }

    /// <summary>Threads with which DuckDB parses; 0 for one a processor. The result does not depend on it.</summary>
    public int Threads { get; init; }

    /// <summary>Memory that DuckDB may hold while it parses, in MiB; at least 64. The log comes on top.</summary>
    public int MemoryLimitMebibytes { get; init; } = 1024;

    /// <summary>The options with what the format's publisher calls the columns where nothing else is asked for.</summary>
    internal BanditLogOptions Resolved() => Format == BanditLogFormat.Usual ? this : this with
    {
        ActionColumn = ActionColumn ?? "item_id",
        PropensityColumn = PropensityColumn ?? "propensity_score",
        RewardColumn = RewardColumn ?? "click",
        PositionColumn = PositionColumn ?? "position",
        TimeColumn = TimeColumn ?? "timestamp",
        FeatureColumns = FeatureColumns ?? ["user_feature_*"],
        CategoryColumns = [.. CategoryColumns, "user_feature_*"],
    };

    internal void Validate()
    {
        if (!Enum.IsDefined(Format))
            throw new ArgumentException($"Format is {(int)Format}, which is none of the formats.", nameof(Format));
        if (!Enum.IsDefined(FileFormat) || FileFormat == InteractionFormat.Sessions)
            throw new ArgumentException($"FileFormat is {FileFormat}; decisions need a table with columns.", nameof(FileFormat));
        if (!Enum.IsDefined(Header))
            throw new ArgumentException($"Header is {(int)Header}; give Auto, Yes or No.", nameof(Header));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxCategories, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(Threads);
        ArgumentOutOfRangeException.ThrowIfLessThan(MemoryLimitMebibytes, 64);
        ArgumentNullException.ThrowIfNull(CategoryColumns);
        if ((FilterColumn is null) != (FilterValue is null))
            throw new ArgumentException("FilterColumn and FilterValue go together; only one is given.", nameof(FilterColumn));
        if (Delimiter is { } text && (text.Length is < 1 or > 4 || text.AsSpan().IndexOfAny('\r', '\n', '"') >= 0))
        {
            throw new ArgumentException(
                $"The delimiter \"{text}\" must be 1 to 4 characters, none a quote or a line break.", nameof(Delimiter));
        }

        if (Items is { } items && items.Distinct(StringComparer.Ordinal).Count() != items.Count)
            throw new ArgumentException("Items holds an id twice.", nameof(Items));
    }
}
