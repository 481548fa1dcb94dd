namespace KernelPolicy.Data;

/// <summary>What to take from files of interactions, and what to leave out.</summary>
/// <remarks>Immutable; safe to share between threads.</remarks>
public sealed record InteractionOptions
{
    /// <summary>How the files are written; all of them alike.</summary>
    public InteractionFormat Format { get; init; }

    /// <summary>
    /// Name or 0-based number of the column with user ids; a name goes before a number. Null: the one column whose name
    /// says so (user_id, userId, uid, session_id and the like), or column 0 of a file with two unnamed columns.
    /// </summary>
    public string? UserColumn { get; init; }

    /// <summary>
    /// Name or 0-based number of the column with item ids; a name goes before a number. Null: the one column whose name
    /// says so (item_id, movieId, book_id, track_id and the like), or column 1 of a file with two unnamed columns.
    /// </summary>
    public string? ItemColumn { get; init; }

    /// <summary>
    /// Whether the first line of a delimited file names its columns. Auto: no, where a field of the first line is a
    /// number; yes, where a column chosen or known by name is among its fields, or where a field is text above a number;
    /// otherwise an error that asks.
    /// </summary>
    public HeaderMode Header { get; init; }

    /// <summary>What separates fields, 1 to 4 characters, where it is not what the format says: <c>;</c>, <c>|</c>,
    /// <c>::</c>.</summary>
    public string? Delimiter { get; init; }

    /// <summary>Name or 0-based number of a column that says which rows count (GoodReads: <c>is_read</c>); with
    /// <see cref="FilterValue"/>.</summary>
    public string? FilterColumn { get; init; }

    /// <summary>The text that <see cref="FilterColumn"/> holds in rows that count (GoodReads: <c>1</c>). Compared as
    /// text, whole and case-sensitive.</summary>
    public string? FilterValue { get; init; }

    /// <summary>Users with fewer distinct items are left out (the paper: 20). At least 1; users with one item are always
    /// left out, since half of one item leaves no history.</summary>
    public int MinUserInteractions { get; init; } = 1;

    /// <summary>Items with fewer distinct users are left out. At least 1. The two limits are applied in turn until
    /// both hold for all that is left (the k-core).</summary>
    public int MinItemInteractions { get; init; } = 1;

    /// <summary>Threads with which DuckDB parses; 0 for one a processor. The result does not depend on it.</summary>
    public int Threads { get; init; }

    /// <summary>Memory that DuckDB may hold while it parses, in MiB; at least 64. Ids and pairs come on top: about 8
    /// bytes a row and 100 bytes an id.</summary>
    public int MemoryLimitMebibytes { get; init; } = 1024;

    internal void Validate()
    {
        if (!Enum.IsDefined(Format))
            throw new ArgumentException($"Format is {(int)Format}, which is none of the formats.", nameof(Format));
        if (!Enum.IsDefined(Header))
            throw new ArgumentException($"Header is {(int)Header}; give Auto, Yes or No.", nameof(Header));
        ArgumentOutOfRangeException.ThrowIfLessThan(MinUserInteractions, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MinItemInteractions, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(Threads);
        ArgumentOutOfRangeException.ThrowIfLessThan(MemoryLimitMebibytes, 64);
        if ((FilterColumn is null) != (FilterValue is null))
            throw new ArgumentException("FilterColumn and FilterValue go together; only one is given.", nameof(FilterColumn));
        if (Delimiter is { } text && (text.Length is < 1 or > 4 || text.AsSpan().IndexOfAny('\r', '\n', '"') >= 0))
        {
            throw new ArgumentException(
                $"The delimiter \"{text}\" must be 1 to 4 characters, none a quote or a line break.", nameof(Delimiter));
        }

        if (Format == InteractionFormat.Sessions && (UserColumn ?? ItemColumn ?? FilterColumn ?? Delimiter) is { } given)
        {
            throw new ArgumentException(
                $"\"{given}\": a file of sessions has no columns and no delimiter to choose.", nameof(Format));
        }
    }
}
