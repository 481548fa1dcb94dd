using KernelPolicy.Kernels;

namespace KernelPolicy.Data;

/// <summary>
/// N logged decisions: in context x_i action a_i was taken with propensity p_i = π₀(a_i|x_i) and earned reward r_i.
/// </summary>
/// <remarks>
/// <para>A context is a row of features X [N, D], a history of items, or both. Rows keep the order of their source, and row
/// i of every member is decision i.</para>
/// <para>Owns the features: dispose it. Immutable by convention; safe for concurrent reads.</para>
/// </remarks>
public sealed class BanditLog : IDisposable
{
    private readonly int[] _actions;
    private readonly double[] _propensities;
    private readonly double[] _rewards;
    private readonly int[] _positions;
    private readonly double[] _times;

    /// <summary>Puts a log together and checks it; the arrays are kept, not copied.</summary>
    /// <param name="decisions">What was logged of each decision.</param>
    /// <param name="features">X [N, D], owned by the log from here on; null where contexts are histories alone.</param>
    /// <param name="encoding">What the columns of X are; given with X.</param>
    /// <param name="histories">Items of each context, rising, each once; null where contexts are features alone.</param>
    /// <param name="itemIds">Id of each item [P].</param>
    /// <param name="report">What was read and left out.</param>
    /// <exception cref="ArgumentException">Sizes do not fit, or a value is out of range: the message names row, value and
    /// range.</exception>
    public BanditLog(
        BanditDecisions decisions,
        Matrix? features,
        FeatureEncoding? encoding,
        SparseRows? histories,
        string[] itemIds,
        BanditLogReport report)
    {
        ArgumentNullException.ThrowIfNull(decisions);
        ArgumentNullException.ThrowIfNull(itemIds);
        ArgumentNullException.ThrowIfNull(report);
        decisions.Check(itemIds.Length);
        int count = decisions.Actions.Length;
        if (features is null && histories is null)
            throw new ArgumentException("A log needs contexts: features, histories or both.", nameof(features));
        if ((features is null) != (encoding is null))
            throw new ArgumentException("Features and their encoding go together; only one is given.", nameof(encoding));
        if (features is not null && (features.Rows != count || features.Columns != encoding!.Dimension))
        {
            throw new ArgumentException(
                $"The features are [{features.Rows}, {features.Columns}]; expected [{count}, {encoding!.Dimension}].",
                nameof(features));
        }

        if (histories is not null)
            CheckHistories(histories, count, itemIds.Length);
        (_actions, _rewards) = (decisions.Actions, decisions.Rewards);
        _propensities = decisions.Propensities ?? [];
        _positions = decisions.Positions ?? [];
        _times = decisions.Times ?? [];
        HasPropensities = decisions.Propensities is not null;
        HasPositions = decisions.Positions is not null;
        HasTimes = decisions.Times is not null;
        (Features, Encoding, Histories, ItemIds, Report) = (features, encoding, histories, itemIds, report);
    }

    /// <summary>N.</summary>
    public int Count => _actions.Length;

    /// <summary>P: items of the catalogue, those never taken included.</summary>
    public int ItemCount => ItemIds.Length;

    /// <summary>a [N], each in 0 to P − 1.</summary>
    public ReadOnlySpan<int> Actions => _actions;

    /// <summary>Whether the propensities were logged.</summary>
    public bool HasPropensities { get; }

    /// <summary>p [N], each in (0, 1]; empty where none were logged.</summary>
    public ReadOnlySpan<double> Propensities => _propensities;

    /// <summary>r [N], finite.</summary>
    public ReadOnlySpan<double> Rewards => _rewards;

    /// <summary>Whether the positions were logged.</summary>
    public bool HasPositions { get; }

    /// <summary>Where on the screen each action was shown [N], as the source counts; empty where it was not logged.</summary>
    public ReadOnlySpan<int> Positions => _positions;

    /// <summary>Whether times were logged.</summary>
    public bool HasTimes { get; }

    /// <summary>When each decision was made [N]: seconds since 1970 (UTC) where the source has dates, otherwise its own
    /// numbers; empty where it was not logged.</summary>
    public ReadOnlySpan<double> Times => _times;

    /// <summary>X [N, D]; null where contexts are histories alone.</summary>
    public Matrix? Features { get; }

    /// <summary>What the columns of X are; null without X.</summary>
    public FeatureEncoding? Encoding { get; }

    /// <summary>Items of each context [N rows], rising, each once; null where contexts are features alone.</summary>
    public SparseRows? Histories { get; }

    /// <summary>The source's id of each item [P].</summary>
    public string[] ItemIds { get; }

    /// <summary>What was read and what was left out.</summary>
    public BanditLogReport Report { get; }

    /// <summary>Copies some of the decisions into a log of their own, with the same items and encoding.</summary>
    /// <param name="rows">Numbers of decisions, in any order, repeats allowed (a bootstrap sample).</param>
    /// <returns>A log that the caller disposes. Its report is that of the whole.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such decision.</exception>
    public BanditLog Take(ReadOnlySpan<int> rows)
    {
        foreach (int row in rows)
        {
            if ((uint)row >= (uint)Count)
                throw new ArgumentOutOfRangeException(nameof(rows), row, $"There are decisions 0 to {Count - 1}.");
        }

        BanditDecisions decisions = new(Pick(_actions, rows), Pick(_rewards, rows))
        {
            Propensities = HasPropensities ? Pick(_propensities, rows) : null,
            Positions = HasPositions ? Pick(_positions, rows) : null,
            Times = HasTimes ? Pick(_times, rows) : null,
        };
        Matrix? features = null;
        if (Features is not null)
        {
            features = new Matrix(rows.Length, Features.Columns);
            for (int i = 0; i < rows.Length; i++)
                Features.PaddedRow(rows[i]).CopyTo(features.PaddedRow(i));
        }

        return new BanditLog(decisions, features, Encoding, Pick(Histories, rows), ItemIds, Report);
    }

    /// <summary>Frees the features.</summary>
    public void Dispose() => Features?.Dispose();

    private static T[] Pick<T>(T[] values, ReadOnlySpan<int> rows)
    {
        T[] picked = new T[rows.Length];
        for (int i = 0; i < rows.Length; i++)
            picked[i] = values[rows[i]];
        return picked;
    }

    private static SparseRows? Pick(SparseRows? histories, ReadOnlySpan<int> rows)
    {
        if (histories is null)
            return null;
        long[] offsets = new long[rows.Length + 1];
        for (int i = 0; i < rows.Length; i++)
            offsets[i + 1] = offsets[i] + histories[rows[i]].Length;
        int[] items = new int[offsets[^1]];
        for (int i = 0; i < rows.Length; i++)
            histories[rows[i]].CopyTo(items.AsSpan(checked((int)offsets[i])));
        return new SparseRows(offsets, items);
    }

    private static void CheckHistories(SparseRows histories, int count, int items)
    {
        if (histories.Count != count)
            throw new ArgumentException($"There are {count} decisions but {histories.Count} histories.", nameof(histories));
        for (int row = 0; row < count; row++)
        {
            int before = -1;
            foreach (int item in histories[row])
            {
                if (item <= before || item >= items)
                {
                    throw new ArgumentException(
                        $"The history of row {row} has item {item} after {before}; items must rise and stay below {items}.",
                        nameof(histories));
                }

                before = item;
            }
        }
    }
}
