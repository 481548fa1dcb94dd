namespace KernelPolicy.Data;

/// <summary>The columns of a log of decisions besides their contexts, each with N rows.</summary>
/// <param name="Actions">a [N], each in 0 to P − 1.</param>
/// <param name="Rewards">r [N], finite.</param>
public sealed record BanditDecisions(int[] Actions, double[] Rewards)
{
    /// <summary>p [N], each in (0, 1]; null where none were logged.</summary>
    public double[]? Propensities { get; init; }

    /// <summary>Positions at which the actions were shown [N]; null where none were logged.</summary>
    public int[]? Positions { get; init; }

    /// <summary>Times of the decisions [N], finite; null where none were logged.</summary>
    public double[]? Times { get; init; }

    /// <summary>Throws where lengths differ or a value is out of range.</summary>
    /// <param name="items">P.</param>
    internal void Check(int items)
    {
        ArgumentNullException.ThrowIfNull(Actions);
        ArgumentNullException.ThrowIfNull(Rewards);
        CheckLength(Rewards.Length, nameof(Rewards));
        CheckLength(Propensities?.Length, nameof(Propensities));
        CheckLength(Positions?.Length, nameof(Positions));
        CheckLength(Times?.Length, nameof(Times));
        for (int row = 0; row < Actions.Length; row++)
        {
            if ((uint)Actions[row] >= (uint)items)
                Fail(nameof(Actions), row, Actions[row], $"items are 0 to {items - 1}");
            if (!double.IsFinite(Rewards[row]))
                Fail(nameof(Rewards), row, Rewards[row], "a reward must be finite");
            if (Propensities is { } p && !(p[row] is > 0 and <= 1))
                Fail(nameof(Propensities), row, p[row], "a propensity must lie in (0, 1]");
            if (Times is { } t && !double.IsFinite(t[row]))
                Fail(nameof(Times), row, t[row], "a time must be finite");
        }
    }

    private void CheckLength(int? length, string column)
    {
        if (length is { } given && given != Actions.Length)
            throw new ArgumentException($"There are {Actions.Length} actions but {given} {column}.", column);
    }

    private static void Fail(string column, int row, object value, string allowed) =>
        throw new ArgumentException(
            string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{column} row {row} is {value}; {allowed}."),
            column);
}
