using System.Diagnostics;
using System.Diagnostics.Metrics;
using KernelPolicy.Index;

namespace KernelPolicy.Policy;

/// <summary>The instruments of <see cref="ServingMeter"/>, and how requests use them.</summary>
/// <remarks>Any number of threads may record at once. A time stamp of 0 says that nobody listened at the start.</remarks>
internal static class ServingMetrics
{
    private static readonly Meter Meter = new(ServingMeter.Name, typeof(ServingMeter).Assembly.GetName().Version?.ToString());

    // 1 µs to 10 ms, about three a decade: a search takes some tens of microseconds, a scan of a filtered catalogue milliseconds.
    private static readonly InstrumentAdvice<double> Durations = new()
    {
        HistogramBucketBoundaries =
            [1e-6, 2e-6, 5e-6, 1e-5, 2e-5, 3e-5, 5e-5, 7e-5, 1e-4, 1.5e-4, 2e-4, 3e-4, 5e-4, 1e-3, 2e-3, 5e-3, 1e-2],
    };

    private static readonly InstrumentAdvice<long> Nodes = new()
    {
        HistogramBucketBoundaries = [100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 1_000_000],
    };

    private static readonly Histogram<double> SearchDuration =
        Meter.CreateHistogram(ServingMeter.SearchDuration, "s", "Search of the index for one request.", advice: Durations);

    private static readonly Histogram<double> RecommendDuration =
        Meter.CreateHistogram(ServingMeter.RecommendDuration, "s", "One request that succeeded.", advice: Durations);

    private static readonly Histogram<long> VisitedNodes =
        Meter.CreateHistogram(ServingMeter.VisitedNodes, "{node}", "Nodes and items that a search scored.", advice: Nodes);

    private static readonly Counter<long> Swaps =
        Meter.CreateCounter<long>(ServingMeter.Swaps, "{swap}", "Recommenders put in place of others.");

    private static readonly Counter<long> Errors =
        Meter.CreateCounter<long>(ServingMeter.Errors, "{error}", "Requests that threw.");

    private static readonly Gauge<double> Recall =
        Meter.CreateGauge<double>(ServingMeter.AuditRecall, "1", "Share of the exact answers that is found.");

    /// <summary>The time, where durations of requests are listened to, else 0.</summary>
    public static long StartRecommendation() => RecommendDuration.Enabled ? Stopwatch.GetTimestamp() : 0;

    /// <summary>Records a request that began at <paramref name="start"/>.</summary>
    public static void EndRecommendation(long start)
    {
        if (start != 0)
            RecommendDuration.Record(Stopwatch.GetElapsedTime(start).TotalSeconds);
    }

    /// <summary>Searches a state, and records duration and nodes.</summary>
    public static int Search(LiveState state, ReadOnlySpan<float> query, Span<int> items, Span<float> scores, ItemFilter? filter)
    {
        long start = SearchDuration.Enabled ? Stopwatch.GetTimestamp() : 0;
        int found = state.Search(query, items, scores, filter, out long scored);
        if (start != 0)
            SearchDuration.Record(Stopwatch.GetElapsedTime(start).TotalSeconds);
        if (VisitedNodes.Enabled)
            VisitedNodes.Record(scored);
        return found;
    }

    /// <summary>Counts an error. For the filter of a catch clause: it catches nothing.</summary>
    /// <returns>False.</returns>
    public static bool CountsError(Exception error)
    {
        if (Errors.Enabled)
            Errors.Add(1, new KeyValuePair<string, object?>(ServingMeter.ErrorType, error.GetType().FullName));
        return false;
    }

    /// <summary>Counts a recommender that was replaced.</summary>
    public static void CountSwap() => Swaps.Add(1);

    /// <summary>Publishes an audited recall.</summary>
    public static void PublishRecall(double recall) => Recall.Record(recall);
}
