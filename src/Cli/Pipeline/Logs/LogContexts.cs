using KernelPolicy.Cli.Options;
using KernelPolicy.Data;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;

namespace KernelPolicy.Cli.Pipeline;

/// <summary>What the contexts of a log are.</summary>
internal static class LogContexts
{
    /// <summary>A context is a row of features, padded to the width of β.</summary>
    public const string Features = "features";

    /// <summary>A context is the mean of β over a history.</summary>
    public const string Histories = "histories";

    /// <summary>What was asked for, auto being what the log has.</summary>
    /// <exception cref="ArgumentException">The log does not have it, or auto leaves it open.</exception>
    public static string KindOf(LogSource source, BanditLog log) => (source.Contexts, log.Features, log.Histories) switch
    {
        ("auto", not null, not null) => throw new ArgumentException(
            $"The log has features and histories ({log.Report.Source}): say what contexts are by --contexts features or --contexts histories."),
        ("auto", not null, null) or (Features, not null, _) => Features,
        ("auto", null, not null) or (Histories, _, not null) => Histories,
        (Features, _, _) => throw new ArgumentException(
            $"The log has no features ({log.Report.Source}): name them by --feature-columns, or take --contexts histories."),
        _ => throw new ArgumentException(
            $"The log has no histories ({log.Report.Source}): name their column by --history-column, or take --contexts features."),
    };

    /// <summary>The contexts of a log.</summary>
    /// <param name="kind">features or histories.</param>
    /// <param name="log">The log.</param>
    /// <param name="items">β [P, L].</param>
    /// <param name="table">The table beneath them, to be disposed with them; null where there is none.</param>
    public static IContextSource Of(string kind, BanditLog log, Matrix items, out Matrix? table)
    {
        table = null;
        if (kind == Histories)
            return new HistoryContexts(log.Histories!, items);
        table = ContextPadding.Pad(log.Features!, items.Columns);
        return new DenseContexts(table);
    }
}
