using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>
/// The rows that a model of the reward is fitted to, one after the other: features φ = [1, x, β_a, x∘β_a] of the logged action,
/// D = 1 + 3L, its reward and what the row counts.
/// </summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class RewardModelData : IDisposable
{
    private readonly IContextSource _contexts;
    private readonly Matrix _items;
    private readonly LoggedFeedback _log;
    private readonly RewardModelOptions _options;
    private readonly Matrix _x;

    public RewardModelData(Matrix items, IContextSource contexts, LoggedFeedback log, RewardModelOptions options)
    {
        ArgumentNullException.ThrowIfNull(items);
        ArgumentNullException.ThrowIfNull(contexts);
        ArgumentNullException.ThrowIfNull(log);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        if (contexts.Count != log.Count)
            throw new ArgumentException($"There are {contexts.Count} contexts but {log.Count} rows in the log.", nameof(log));
        if (contexts.Dimension != items.Columns)
            throw new ArgumentException($"Contexts have {contexts.Dimension} dimensions, items {items.Columns}.", nameof(contexts));
        if (log.Catalogue != items.Rows)
            throw new ArgumentException($"The log is over {log.Catalogue} items; there are {items.Rows}.", nameof(log));
        (_items, _contexts, _log, _options) = (items, contexts, log, options);
        _x = new Matrix(1, items.Columns);
        Features = new double[Size(items.Columns)];
    }

    /// <summary>φ [D] of the row that was read last.</summary>
    public double[] Features { get; }

    /// <summary>D for L dimensions.</summary>
    public static int Size(int dimension) => checked(1 + (3 * dimension));

    /// <summary>Calls <paramref name="row"/> with the reward and the count of each row, its features being in
    /// <see cref="Features"/>.</summary>
    /// <exception cref="ArgumentException">There are no rows.</exception>
    public void Each(Action<double, double> row)
    {
        int rows = 0;
        for (int i = 0; i < _log.Count; i++)
        {
            if (_options.LeaveOut is { } fold && fold.Contains(i))
                continue;
            Read(i);
            row(_log.Rewards[i], _options.WeighByPropensity ? 1 / _log.Propensities[i] : 1);
            rows++;
        }

        if (rows == 0)
            throw new ArgumentException("The log has no rows to fit to.", nameof(row));
    }

    public void Dispose() => _x.Dispose();

    private void Read(int row)
    {
        _contexts.Fill(row, _x, 0);
        ReadOnlySpan<float> x = _x.Row(0), item = _items.Row(_log.Actions[row]);
        int dimension = x.Length;
        Features[0] = 1;
        for (int l = 0; l < dimension; l++)
        {
            Features[1 + l] = x[l];
            Features[1 + dimension + l] = item[l];
            Features[1 + (2 * dimension) + l] = (double)x[l] * item[l];
        }
    }
}
