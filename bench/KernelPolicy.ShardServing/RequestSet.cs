using System.Diagnostics;
using KernelPolicy.Data;
using KernelPolicy.Index;
using KernelPolicy.Kernels;

namespace KernelPolicy.ShardServing;

/// <summary>Asks by a context.</summary>
internal delegate int ContextRequest(ReadOnlySpan<float> context, Span<int> items, Span<float> scores);

/// <summary>Asks by a history.</summary>
internal delegate int HistoryRequest(ReadOnlySpan<int> history, Span<int> items, Span<float> scores);

/// <summary>Times of requests, in rising order.</summary>
/// <param name="Microseconds">One a request.</param>
/// <param name="PerSecond">Requests a second, one after another.</param>
/// <param name="Bytes">Bytes allocated by a request on all threads.</param>
internal sealed record RequestTimes(double[] Microseconds, double PerSecond, double Bytes)
{
    /// <summary>The time that a share of the requests keeps.</summary>
    public double At(double share) => Microseconds[Math.Min(Microseconds.Length - 1, (int)(share * Microseconds.Length))];
}

/// <summary>Contexts, which are means of histories, with their exact answers where Θ = I.</summary>
internal sealed class RequestSet
{
    private readonly float[][] _contexts;
    private readonly int[][] _histories;
    private readonly int[][] _truth;
    private readonly int[] _items;
    private readonly float[] _scores;

    public RequestSet(SyntheticWorkload workload, int n, WorkerTeam team)
    {
        int count = workload.Histories.Count, dimension = workload.Items.Columns;
        _histories = [.. Enumerable.Range(0, count).Select(i => workload.Histories[i].ToArray())];
        using Matrix queries = new(count, dimension);
        for (int i = 0; i < count; i++)
        {
            foreach (int item in _histories[i])
            {
                for (int j = 0; j < dimension; j++)
                    queries.Row(i)[j] += workload.Items.Row(item)[j] / _histories[i].Length;
            }
        }

        _contexts = [.. Enumerable.Range(0, count).Select(i => queries.Row(i).ToArray())];
        TopK found = new(count, n);
        using ExactIndex exact = new(workload.Items);
        exact.Search(queries, count, n, found, team);
        _truth = [.. Enumerable.Range(0, count).Select(i => found.Items(i).ToArray())];
        (_items, _scores) = (new int[n], new float[n]);
    }

    /// <summary>The share of the exact answers that is found.</summary>
    public double RecallOf(ContextRequest ask) => Recall(i => ask(_contexts[i], _items, _scores));

    /// <summary>The share of the exact answers that is found.</summary>
    public double RecallOf(HistoryRequest ask) => Recall(i => ask(_histories[i], _items, _scores));

    /// <summary>Times requests.</summary>
    public RequestTimes Time(ContextRequest ask, int requests) => Time(i => ask(_contexts[i], _items, _scores), requests);

    /// <summary>Times requests.</summary>
    public RequestTimes Time(HistoryRequest ask, int requests) => Time(i => ask(_histories[i], _items, _scores), requests);

    private double Recall(Func<int, int> ask)
    {
        long right = 0;
        for (int i = 0; i < _contexts.Length; i++)
        {
            int found = ask(i);
            right += _items[..found].Intersect(_truth[i]).Count();
        }

        return right / (double)(_contexts.Length * _items.Length);
    }

    // The pass for the recall has warmed it up.
    private RequestTimes Time(Func<int, int> ask, int requests)
    {
        double[] times = new double[requests];
        long bytes = GC.GetTotalAllocatedBytes(precise: true), begin = Stopwatch.GetTimestamp();
        for (int i = 0; i < requests; i++)
        {
            long start = Stopwatch.GetTimestamp();
            ask(i % _contexts.Length);
            times[i] = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
        }

        double seconds = Stopwatch.GetElapsedTime(begin).TotalSeconds;
        bytes = GC.GetTotalAllocatedBytes(precise: true) - bytes;
        Array.Sort(times);
        return new RequestTimes(times, requests / seconds, bytes / (double)requests);
    }
}
