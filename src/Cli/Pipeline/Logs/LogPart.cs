using KernelPolicy.Data;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;

namespace KernelPolicy.Cli.Pipeline;

/// <summary>Some of the decisions of a log as training and evaluation take them: contexts, and what was logged in each.</summary>
internal sealed class LogPart : IDisposable
{
    private readonly BanditLog _log;
    private readonly Matrix? _table;

    private LogPart(BanditLog log, IContextSource contexts, Matrix? table, LoggedFeedback feedback) =>
        (_log, Contexts, _table, Feedback) = (log, contexts, table, feedback);

    /// <summary>The contexts.</summary>
    public IContextSource Contexts { get; }

    /// <summary>Actions, propensities and rewards.</summary>
    public LoggedFeedback Feedback { get; }

    /// <summary>Decisions.</summary>
    public int Count => Feedback.Count;

    /// <summary>Mean reward: the value of the policy that made the log; NaN where there are no decisions.</summary>
    public double MeanReward
    {
        get
        {
            double sum = 0;
            foreach (double reward in Feedback.Rewards)
                sum += reward;
            return Count == 0 ? double.NaN : sum / Count;
        }
    }

    /// <summary>Takes decisions out of a log.</summary>
    /// <param name="whole">The log.</param>
    /// <param name="rows">Which.</param>
    /// <param name="propensities">Those of the whole log.</param>
    /// <param name="kind">What contexts are.</param>
    /// <param name="items">β [P, L].</param>
    public static LogPart Take(BanditLog whole, int[] rows, LogPropensities propensities, string kind, Matrix items)
    {
        BanditLog log = whole.Take(rows);
        IContextSource contexts = LogContexts.Of(kind, log, items, out Matrix? table);
        double[] values = [.. rows.Select(row => propensities.Values[row])];
        return new LogPart(
            log, contexts, table, new LoggedFeedback(log.Actions, values, log.Rewards, log.ItemCount, propensities.Origin));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _log.Dispose();
        _table?.Dispose();
    }
}
