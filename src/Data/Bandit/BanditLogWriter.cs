using System.Globalization;
using System.IO.Compression;
using System.Text;
using KernelPolicy.Files;

namespace KernelPolicy.Data;

/// <summary>Writes logged decisions as text that <see cref="BanditLogReader"/> reads back equal.</summary>
/// <remarks>
/// <para>Columns: <c>action</c>, <c>reward</c>, then <c>propensity</c>, <c>position</c>, <c>timestamp</c> and <c>history</c> as
/// far as the log has them, then the features under their names, categories as texts. Numbers are written so that they read
/// back to the same bits.</para>
/// <para>Thread safety: safe to call from any number of threads, for different paths.</para>
/// </remarks>
public static class BanditLogWriter
{
    private const string Action = "action";
    private const string Reward = "reward";
    private const string Propensity = "propensity";
    private const string Position = "position";
    private const string Time = "timestamp";
    private const string History = "history";

    private static readonly string[] Reserved = [Action, Reward, Propensity, Position, Time, History];

    /// <summary>Writes a log, whole or not at all.</summary>
    /// <param name="log">The log.</param>
    /// <param name="path">The target; its extension is .csv or .tsv, with .gz to compress it.</param>
    /// <param name="cancellationToken">Ends the writing; the target is then as it was.</param>
    /// <exception cref="ArgumentException">The extension is none of those, a feature has a name by which the
    /// reader finds another column, or an item id with a space occurs in a history, which is written with spaces between ids.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(BanditLog log, string path, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(log);
        ArgumentException.ThrowIfNullOrEmpty(path);
        bool gzip = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase);
        char separator = Path.GetExtension(gzip ? path[..^3] : path).ToUpperInvariant() switch
        {
            ".CSV" => ',',
            ".TSV" => '\t',
            _ => throw new ArgumentException($"'{path}' must end in .csv or .tsv, with .gz to compress it.", nameof(path)),
        };
        Check(log);
        AtomicFile.Write(path, file =>
        {
            // The file is flushed to the disk afterwards, and so must stay open.
            using GZipStream? compressed = gzip ? new(file, CompressionLevel.Fastest, leaveOpen: true) : null;
            using StreamWriter writer = new((Stream?)compressed ?? file, new UTF8Encoding(false), 1 << 16, leaveOpen: true) { NewLine = "\n" };
            WriteRows(log, writer, separator, cancellationToken);
        });
    }

    /// <summary>The options by which a file that was written reads back to the same log: its items and its encoding.</summary>
    public static BanditLogOptions ReadOptions(BanditLog log)
    {
        ArgumentNullException.ThrowIfNull(log);
        return new BanditLogOptions
        {
            Header = HeaderMode.Yes,
            ActionColumn = Action,
            RewardColumn = Reward,
            PropensityColumn = log.HasPropensities ? Propensity : null,
            PositionColumn = log.HasPositions ? Position : null,
            TimeColumn = log.HasTimes ? Time : null,
            HistoryColumn = log.Histories is not null ? History : null,
            FeatureColumns = log.Encoding is null ? [] : null,
            Items = log.ItemIds,
            Encoding = log.Encoding,
        };
    }

    private static void Check(BanditLog log)
    {
        foreach (EncodedColumn column in log.Encoding?.Columns ?? [])
        {
            if (Reserved.Contains(column.Name) || BanditColumns.IsTakenUnasked(column.Name))
            {
                throw new ArgumentException(
                    $"The feature \"{column.Name}\" has a name by which the reader would take it for something else.", nameof(log));
            }
        }

        foreach (int item in log.Histories is { } histories ? histories.Items : [])
        {
            if (log.ItemIds[item].AsSpan().IndexOfAny(' ', '\x1F') >= 0)
            {
                throw new ArgumentException(
                    $"The item id \"{log.ItemIds[item]}\" is in a history and holds a space, which separates ids.", nameof(log));
            }
        }
    }

    private static void WriteRows(BanditLog log, StreamWriter writer, char separator, CancellationToken cancellationToken)
    {
        IReadOnlyList<EncodedColumn> columns = log.Encoding?.Columns ?? [];
        bool[] present = [true, true, log.HasPropensities, log.HasPositions, log.HasTimes, log.Histories is not null];
        IEnumerable<string> names = Reserved.Where((_, i) => present[i]).Concat(columns.Select(c => c.Name));
        writer.WriteLine(string.Join(separator, names.Select(name => Quoted(name, separator))));
        for (int row = 0; row < log.Count; row++)
        {
            if (row % (1 << 14) == 0)
                cancellationToken.ThrowIfCancellationRequested();
            writer.Write(Quoted(log.ItemIds[log.Actions[row]], separator));
            writer.Write(separator);
            writer.Write(log.Rewards[row].ToString("R", CultureInfo.InvariantCulture));
            if (log.HasPropensities)
                Next(log.Propensities[row].ToString("R", CultureInfo.InvariantCulture));
            if (log.HasPositions)
                Next(log.Positions[row].ToString(CultureInfo.InvariantCulture));
            if (log.HasTimes)
                Next(log.Times[row].ToString("R", CultureInfo.InvariantCulture));
            if (log.Histories is { } histories)
                Next(Quoted(string.Join(' ', histories[row].ToArray().Select(item => log.ItemIds[item])), separator));
            int place = log.Encoding is { Intercept: true } ? 1 : 0;
            foreach (EncodedColumn column in columns)
            {
                Next(Quoted(Field(log.Features!.Row(row).Slice(place, column.Width), column), separator));
                place += column.Width;
            }

            writer.Write('\n');
        }

        void Next(string field)
        {
            writer.Write(separator);
            writer.Write(field);
        }
    }

    /// <summary>A column's field before it was encoded; a category that the encoding does not know is left empty.</summary>
    private static string Field(ReadOnlySpan<float> features, EncodedColumn column)
    {
        if (column.Categories is not { } categories)
            return features[0].ToString("R", CultureInfo.InvariantCulture);
        int place = features.IndexOf(1f);
        return place < 0 ? "" : categories[place];
    }

    private static string Quoted(string text, char separator) =>
        text.AsSpan().IndexOfAny(['"', '\r', '\n', separator]) < 0 && text.AsSpan().Trim().Length == text.Length
            ? text
            : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
