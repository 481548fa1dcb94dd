using System.Diagnostics;
using KernelPolicy.Index;
using KernelPolicy.IndexComparison.Datasets;
using KernelPolicy.Kernels;

namespace KernelPolicy.IndexComparison.Measuring;

/// <summary>Measures our graph on a dataset: build, memory, curves of recall against queries per second, latencies.</summary>
internal sealed class GraphMeasurement(DatasetFolder folder, HnswOptions options, SearchPlan plan, ResultFile results)
{
    private const int LatencyK = 10;
    private const double WarmUpSeconds = 1;

    private static readonly double[] LatencyRecalls = [0.95, 0.99];

    /// <summary>Measures all of it.</summary>
    public void Execute()
    {
        DatasetMeta meta = folder.ReadMeta();
        using Matrix items = folder.ReadItems(meta);
        using Matrix queries = folder.ReadQueries(meta);
        int[] truth = folder.ReadTruth(meta);
        using HnswIndex index = Build(items);
        Warm(index, queries);
        foreach ((int k, int[] widths) in plan.Grid)
            MeasureCurve(index, queries, truth, meta.TruthK, Math.Min(k, meta.Items), widths);
    }

    private HnswIndex Build(Matrix items)
    {
        int threads = plan.Threads[^1];
        using WorkerTeam team = new(threads);
        long start = Stopwatch.GetTimestamp();
        HnswIndex index = HnswIndex.Build(items, options, team);
        results.Add(MeasureName.BuildSeconds, Stopwatch.GetElapsedTime(start).TotalSeconds, threads: threads);
        results.Add(MeasureName.BytesBesideItems, index.Bytes);
        results.Add(MeasureName.BytesWithItems, index.Bytes + items.Bytes);
        results.Add(MeasureName.PeakRss, Process.GetCurrentProcess().PeakWorkingSet64);
        results.AddAbout($"{index.Description}; vectors of {SimdPath.Width} bits; {index.Report}");
        return index;
    }

    private void Warm(HnswIndex index, Matrix queries)
    {
        (int k, int[] widths) = plan.Grid[0];
        using HnswIndex narrow = index.WithEfSearch(Math.Max(k, widths[widths.Length / 2]));
        TopK found = new((int)queries.Rows, k);
        foreach (int threads in plan.Threads)
        {
            using WorkerTeam team = new(threads);
            Timing.WarmUp(() => narrow.Search(queries, (int)queries.Rows, k, found, team), WarmUpSeconds);
        }
    }

    private void MeasureCurve(HnswIndex index, Matrix queries, int[] truth, int truthK, int k, int[] widths)
    {
        int count = (int)queries.Rows;
        TopK found = new(count, k);
        Queue<double> wanted = new(k == LatencyK ? LatencyRecalls : []);
        foreach (int ef in widths)
        {
            using HnswIndex searched = index.WithEfSearch(ef);
            double recall = 0, slowest = 0;
            // Most threads first: that search also warms caches and tells the recall, which no thread changes.
            foreach (int threads in plan.Threads.Reverse())
            {
                using WorkerTeam team = new(threads);
                void Search() => searched.Search(queries, count, k, found, team);
                double once = Timing.Once(Search);
                if (threads == plan.Threads[^1])
                    recall = Recall.Of(found, truth, truthK, count, k);
                double seconds = Timing.Best(Search, once, warm: threads != plan.Threads[^1], plan);
                slowest = Math.Max(slowest, seconds);
                results.Add(MeasureName.Qps, count / seconds, k, threads, ef, recall);
            }

            int before = wanted.Count;
            while (wanted.Count > 0 && recall >= wanted.Peek())
                wanted.Dequeue();
            // Once, where a width reaches both.
            if (wanted.Count < before)
                MeasureLatency(searched, queries, ef, recall);
            if (recall >= SearchPlan.EnoughRecall || slowest > plan.Limit)
                break;
        }
    }

    private void MeasureLatency(HnswIndex index, Matrix queries, int ef, double recall)
    {
        int count = (int)queries.Rows;
        int[] items = new int[LatencyK];
        float[] scores = new float[LatencyK];
        double[] times = new double[plan.Latencies];
        for (int i = 0; i < count; i++)
            index.Search(queries.Row(i), items, scores);
        for (int i = 0; i < times.Length; i++)
        {
            ReadOnlySpan<float> query = queries.Row(i % count);
            long start = Stopwatch.GetTimestamp();
            index.Search(query, items, scores);
            times[i] = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
        }

        Array.Sort(times);
        results.Add(MeasureName.LatencyP50, At(0.5), LatencyK, 1, ef, recall);
        results.Add(MeasureName.LatencyP99, At(0.99), LatencyK, 1, ef, recall);
        results.Add(MeasureName.LatencyP999, At(0.999), LatencyK, 1, ef, recall);

        double At(double share) => times[Math.Min((int)(share * times.Length), times.Length - 1)];
    }
}
