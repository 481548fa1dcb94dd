namespace KernelPolicy.Data;

/// <summary>What to take from a file of items, and how to make features of it.</summary>
/// <remarks>Immutable as long as the lists are; safe to share between threads.</remarks>
public sealed record ItemFeatureOptions
{
    /// <summary>How the file is written; any but sessions.</summary>
    public InteractionFormat FileFormat { get; init; }

    /// <summary>Whether the first line of a delimited file names its columns; see <see cref="InteractionOptions.Header"/>.</summary>
    public HeaderMode Header { get; init; }

    /// <summary>What separates fields, where it is not what the format says.</summary>
    public string? Delimiter { get; init; }

    /// <summary>Column of the item ids. Null: the one column whose name says so (item_id, movieId and the like).</summary>
    public string? IdColumn { get; init; }

    /// <summary>Columns of features: names, numbers or patterns in which <c>*</c> stands for any text, which leave unnamed
    /// columns alone. All but the ids by default.</summary>
    public IReadOnlyList<string> FeatureColumns { get; init; } = ["*"];

    /// <summary>Which features are categories; others as the first row that is used shows.</summary>
    public IReadOnlyList<string> CategoryColumns { get; init; } = [];

    /// <summary>Most categories of one column, at least 1.</summary>
    public int MaxCategories { get; init; } = 256;

    /// <summary>Memory that DuckDB may hold while it parses, in MiB; at least 64.</summary>
    public int MemoryLimitMebibytes { get; init; } = 1024;

    internal void Validate()
    {
        if (!Enum.IsDefined(FileFormat) || FileFormat == InteractionFormat.Sessions)
            throw new ArgumentException($"FileFormat is {FileFormat}; item features need a table with columns.", nameof(FileFormat));
        ArgumentNullException.ThrowIfNull(FeatureColumns);
        ArgumentNullException.ThrowIfNull(CategoryColumns);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxCategories, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MemoryLimitMebibytes, 64);
    }
}
