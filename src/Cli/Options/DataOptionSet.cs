using System.CommandLine;
using KernelPolicy.Data;

namespace KernelPolicy.Cli.Options;

/// <summary>Where interactions come from.</summary>
/// <param name="Files">Files to read; empty for the synthetic log.</param>
/// <param name="Reading">How to read them.</param>
internal sealed record DataSource(IReadOnlyList<string> Files, InteractionOptions Reading)
{
    /// <summary>Whether the log is drawn, not read.</summary>
    public bool IsSynthetic => Files.Count == 0;
}

/// <summary>Options on the interactions to read.</summary>
/// <param name="dataDescription">What the files are for, and what happens without any.</param>
internal sealed class DataOptionSet(string dataDescription) : OptionSet<DataSource>
{
    private readonly Option<string[]> _data = OptionFactory.Texts("--data", dataDescription, "FILE");

    private readonly Option<string> _format = OptionFactory.Choice(
        "--format",
        "How the files are written; auto goes by their extensions. inter: RecBole; sessions: one a line; space: columns apart by one space.",
        "auto", "inter", "csv", "tsv", "space", "sessions", "parquet");

    private readonly Option<string?> _userColumn = OptionFactory.Text(
        "--user-column", "Name or number (from 0) of the column with user ids. Without it, the one whose name says so.", "COLUMN");

    private readonly Option<string?> _itemColumn = OptionFactory.Text(
        "--item-column", "Name or number (from 0) of the column with item ids. Without it, the one whose name says so.", "COLUMN");

    private readonly Option<string> _header = OptionFactory.Choice(
        "--header", "Whether the first line names the columns; auto looks.", "auto", "yes", "no");

    private readonly Option<string?> _delimiter = OptionFactory.Text(
        "--delimiter", "What separates columns, where it is not what the format says: ';', '|', '::', '\\t'.", "TEXT");

    private readonly Option<(string Column, string Value)?> _filter = OptionFactory.ColumnValue(
        "--filter", "Take only rows whose column holds this value, such as is_read=1.");

    private readonly Option<int> _minInteractions = OptionFactory.Number(
        "--min-interactions", "Leave out users with fewer items.", 4, 1, int.MaxValue);

    private readonly Option<int> _minItemInteractions = OptionFactory.Number(
        "--min-item-interactions", "Leave out items with fewer users.", 1, 1, int.MaxValue);

    /// <inheritdoc/>
    public override IEnumerable<Option> All =>
        [_data, _format, _userColumn, _itemColumn, _header, _delimiter, _filter, _minInteractions, _minItemInteractions];

    /// <inheritdoc/>
    public override DataSource Bind(ParseResult parsed)
    {
        string[] files = parsed.GetValue(_data) ?? [];
        if (files.Length == 0 && All.FirstOrDefault(option => parsed.GetResult(option) is { Implicit: false }) is { } stray)
            throw new ArgumentException($"{stray.Name} says how to read files; name them with --data.");
        (string Column, string Value)? filter = parsed.GetValue(_filter);
        return new DataSource(files, new InteractionOptions
        {
            Format = parsed.Value<InteractionFormat>(_format),
            UserColumn = parsed.GetValue(_userColumn),
            ItemColumn = parsed.GetValue(_itemColumn),
            Header = parsed.Value<HeaderMode>(_header),
            // Shells pass a backslash and a t where a person means a tab.
            Delimiter = parsed.GetValue(_delimiter)?.Replace("\\t", "\t", StringComparison.Ordinal),
            FilterColumn = filter?.Column,
            FilterValue = filter?.Value,
            MinUserInteractions = parsed.GetRequiredValue(_minInteractions),
            MinItemInteractions = parsed.GetRequiredValue(_minItemInteractions),
        });
    }
}
