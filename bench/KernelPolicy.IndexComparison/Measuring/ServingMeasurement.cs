using System.Diagnostics;
using KernelPolicy.Index;
using KernelPolicy.IndexComparison.Datasets;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;

namespace KernelPolicy.IndexComparison.Measuring;

/// <summary>
/// Measures single recommendations out of a bundle, h = xΘ + b and all checks included: times, throughput of some threads, bytes
/// allocated; then what codes alone give, draws that explore, and some million requests. Θ = I and b = 0, so that the queries' exact
/// answers stay.
/// </summary>
internal sealed class ServingMeasurement(DatasetFolder folder, string bundle, HnswOptions options, SearchPlan plan, ResultFile results)
{
    private const int N = 10;
    private const double WarmUpSeconds = 1;

    private static readonly double[] Recalls = [0.95, 0.99];

    private string CodesBundle => Path.ChangeExtension(bundle, ".codes.kpolicy");

    /// <summary>Measures all of it.</summary>
    public void Execute()
    {
        DatasetMeta meta = folder.ReadMeta();
        Prepare(meta);
        using Matrix queries = folder.ReadQueries(meta);
        int[] truth = folder.ReadTruth(meta);
        foreach (BundleVerification verification in Enum.GetValues<BundleVerification>())
            MeasureOpening(verification);

        Queue<double> wanted = new(Recalls);
        foreach (int ef in plan.Grid.Single(part => part.K == N).Ef)
        {
            using Recommender recommender = Recommender.Open(
                bundle, new RecommenderOptions { EfSearch = ef, Verification = BundleVerification.Sizes });
            double recall = RecallOf(recommender, queries, truth, meta.TruthK);
            int before = wanted.Count;
            while (wanted.Count > 0 && recall >= wanted.Peek())
                wanted.Dequeue();
            if (wanted.Count < before)
            {
                MeasureRequests(recommender, queries, ef, recall);
                MeasureCodes(queries, truth, meta.TruthK, ef);
                if (before == Recalls.Length)
                    MeasureMore(recommender, queries, ef);
            }

            if (wanted.Count == 0)
                break;
        }
    }

    private void Prepare(DatasetMeta meta)
    {
        if (File.Exists(bundle) && File.Exists(CodesBundle))
            return;
        using WorkerTeam team = new(plan.Threads[^1]);
        Matrix theta = new(meta.Dim, meta.Dim);
        for (int i = 0; i < meta.Dim; i++)
            theta.Row(i)[i] = 1;
        using SoftmaxPolicy policy = new(
            theta, folder.ReadItems(meta), [.. Enumerable.Range(0, meta.Items).Select(item => $"{item}")],
            new Dictionary<string, string> { ["dataset"] = meta.Name }, new Matrix(1, meta.Dim));
        using HnswIndex index = HnswIndex.Build(policy.Items, options, team);
        results.AddAbout($"{index.Description}; vectors of {SimdPath.Width} bits; {index.Report}");
        ServingBundle.Save(bundle, policy, index);
        ServingBundle.Save(CodesBundle, policy, index, BundleItems.Codes);
    }

    private void MeasureCodes(Matrix queries, int[] truth, int truthK, int ef)
    {
        using Recommender recommender = Recommender.Open(
            CodesBundle, new RecommenderOptions { EfSearch = ef, Verification = BundleVerification.Sizes });
        double recall = RecallOf(recommender, queries, truth, truthK);
        double[] times = Times(recommender, queries, out _);
        results.Add("codes_alone_file_bytes", new FileInfo(CodesBundle).Length);
        results.Add("codes_alone_" + MeasureName.LatencyP50, times[times.Length / 2], N, 1, ef, recall);
    }

    private void MeasureMore(Recommender recommender, Matrix queries, int ef)
    {
        ExplorationMeasurement exploration = new(recommender, queries, results);
        exploration.Execute(1, 1000, ef);
        exploration.Execute(N, 3163, ef);
        if (OperatingSystem.IsLinux())
            new ServingSoak(recommender, queries, N, results).Execute(plan.Threads[^1], ef);
    }

    private void MeasureOpening(BundleVerification verification)
    {
        double seconds = Timing.Once(() => ServingBundle.Open(bundle, verification).Dispose());
        results.Add($"open_{verification}_ms".ToLowerInvariant(), seconds * 1000);
    }

    private static double RecallOf(Recommender recommender, Matrix queries, int[] truth, int truthK)
    {
        int count = (int)queries.Rows;
        TopK found = new(count, N);
        using WorkerTeam team = new(1);
        recommender.Recommend(queries, count, N, found, team);
        return Recall.Of(found, truth, truthK, count, N);
    }

    private void MeasureRequests(Recommender recommender, Matrix queries, int ef, double recall)
    {
        double[] times = Times(recommender, queries, out double allocated);
        results.Add("allocated_bytes_a_request", allocated, N, 1, ef, recall);
        results.Add(MeasureName.LatencyP50, At(0.5), N, 1, ef, recall);
        results.Add(MeasureName.LatencyP99, At(0.99), N, 1, ef, recall);
        results.Add(MeasureName.LatencyP999, At(0.999), N, 1, ef, recall);
        foreach (int threads in plan.Threads)
            results.Add(MeasureName.Qps, Best(threads), N, threads, ef, recall);

        // Of some passes, as for every library.
        double Best(int threads) => Enumerable.Range(0, plan.Passes).Max(_ => Throughput(recommender, queries, threads));

        double At(double share) => times[Math.Min((int)(share * times.Length), times.Length - 1)];
    }

    /// <summary>Microseconds of single requests, rising, and the bytes that each allocated.</summary>
    private double[] Times(Recommender recommender, Matrix queries, out double allocated)
    {
        int count = (int)queries.Rows;
        int[] items = new int[N];
        float[] scores = new float[N];
        double[] times = new double[plan.Latencies];
        Timing.WarmUp(() => Ask(0, count), WarmUpSeconds);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < times.Length; i++)
        {
            ReadOnlySpan<float> context = queries.Row(i % count);
            long start = Stopwatch.GetTimestamp();
            recommender.Recommend(context, items, scores);
            times[i] = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
        }

        allocated = (double)(GC.GetAllocatedBytesForCurrentThread() - before) / times.Length;
        Array.Sort(times);
        return times;

        void Ask(int from, int to)
        {
            for (int i = from; i < to; i++)
                recommender.Recommend(queries.Row(i), items, scores);
        }
    }

    /// <summary>Requests a second of so many threads, each asking one after another.</summary>
    private double Throughput(Recommender recommender, Matrix queries, int threads)
    {
        double seconds = Math.Max(2, plan.Seconds);
        long total = 0;
        Thread[] askers = [.. Enumerable.Range(0, threads).Select(number => new Thread(() => Ask(number)))];
        foreach (Thread asker in askers)
            asker.Start();
        foreach (Thread asker in askers)
            asker.Join();
        return total / seconds;

        void Ask(int number)
        {
            int[] items = new int[N];
            float[] scores = new float[N];
            long start = Stopwatch.GetTimestamp(), asked = 0;
            for (int i = number * 37; Stopwatch.GetElapsedTime(start).TotalSeconds < seconds; i++, asked++)
                recommender.Recommend(queries.Row(i % (int)queries.Rows), items, scores);
            Interlocked.Add(ref total, asked);
        }
    }
}
