namespace KernelPolicy.Data;

/// <summary>What a load of decisions read and what it left out, so that no row goes missing unseen.</summary>
/// <remarks><see cref="RowsRead"/> = <see cref="RowsFilteredOut"/> + <see cref="Decisions"/>.</remarks>
public sealed record BanditLogReport
{
    /// <summary>Files read.</summary>
    public int Files { get; init; }

    /// <summary>How the files were read: format and columns taken, for a person to check.</summary>
    public string Source { get; init; } = "";

    /// <summary>Rows of data.</summary>
    public long RowsRead { get; init; }

    /// <summary>Rows whose filter column held another value.</summary>
    public long RowsFilteredOut { get; init; }

    /// <summary>N: decisions kept.</summary>
    public int Decisions { get; init; }

    /// <summary>P: items of the catalogue.</summary>
    public int Items { get; init; }

    /// <summary>Items that were never taken: known from a history or from the table of items given.</summary>
    public int ItemsNeverTaken { get; init; }

    /// <summary>Contexts without a single item in their history.</summary>
    public int EmptyHistories { get; init; }

    /// <summary>Repeats of an item within a history, which collapse.</summary>
    public long HistoryRepeats { get; init; }

    /// <summary>Fields whose text is no category of the encoding given; they are all zeros in X.</summary>
    public long UnknownCategories { get; init; }

    /// <summary>D: features after encoding, 0 where contexts are histories alone.</summary>
    public int Features { get; init; }

    /// <summary>Decisions whose reward is not 0.</summary>
    public int Rewarded { get; init; }

    /// <summary>Mean of the rewards: what the logging policy earned a decision.</summary>
    public double MeanReward { get; init; }

    /// <summary>The least propensity; NaN without propensities.</summary>
    public double LeastPropensity { get; init; } = double.NaN;

    /// <summary>The greatest propensity; NaN without propensities.</summary>
    public double GreatestPropensity { get; init; } = double.NaN;

    /// <summary>Time that the load took, in seconds.</summary>
    public double Seconds { get; init; }
}
