namespace KernelPolicy.Data;

/// <summary>What a load read and what it left out, so that no row goes missing unseen.</summary>
/// <remarks>
/// Rows: <see cref="RowsRead"/> = <see cref="RowsFilteredOut"/> + <see cref="DuplicateRows"/> +
/// <see cref="InteractionsDropped"/> + <see cref="Interactions"/>. Users and items: read = dropped, for one of the reasons
/// named, + kept. Each user or item is counted under the reason that held when it was dropped.
/// </remarks>
public sealed record LoadReport
{
    /// <summary>Files read.</summary>
    public int Files { get; init; }

    /// <summary>How the files were read: format and columns taken, for a person to check.</summary>
    public string Source { get; init; } = "";

    /// <summary>Rows of data (sessions: items on all lines).</summary>
    public long RowsRead { get; init; }

    /// <summary>Rows whose filter column held another value.</summary>
    public long RowsFilteredOut { get; init; }

    /// <summary>Rows that repeat a (user, item) pair.</summary>
    public long DuplicateRows { get; init; }

    /// <summary>Distinct users among the rows that passed the filter column.</summary>
    public int UsersRead { get; init; }

    /// <summary>Distinct items among the rows that passed the filter column.</summary>
    public int ItemsRead { get; init; }

    /// <summary>Users dropped for having fewer items than the least asked for.</summary>
    public int UsersBelowMinimum { get; init; }

    /// <summary>Users dropped for having one item, which leaves nothing for a history; users that
    /// <see cref="UsersBelowMinimum"/> counts are not among them.</summary>
    public int UsersWithOneItem { get; init; }

    /// <summary>Users dropped because all of their items were.</summary>
    public int UsersWithoutItems { get; init; }

    /// <summary>Items dropped for having fewer users than the least asked for.</summary>
    public int ItemsBelowMinimum { get; init; }

    /// <summary>Items dropped because all of their users were.</summary>
    public int ItemsWithoutUsers { get; init; }

    /// <summary>Distinct pairs dropped with their user or item.</summary>
    public long InteractionsDropped { get; init; }

    /// <summary>Passes over the data until the least numbers of users and items held.</summary>
    public int FilterRounds { get; init; }

    /// <summary>Users kept.</summary>
    public int Users { get; init; }

    /// <summary>Items kept.</summary>
    public int Items { get; init; }

    /// <summary>Distinct pairs kept.</summary>
    public long Interactions { get; init; }

    /// <summary>Time that the load took, in seconds.</summary>
    public double Seconds { get; init; }
}

/// <summary>How far a load has come.</summary>
/// <param name="File">The file being read.</param>
/// <param name="FileNumber">Which of the files, from 1.</param>
/// <param name="Files">How many files there are.</param>
/// <param name="RowsRead">Rows read so far, all files together.</param>
public readonly record struct LoadProgress(string File, int FileNumber, int Files, long RowsRead);
