using System.Globalization;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;

namespace KernelPolicy.IndexComparison.Measuring;

/// <summary>Some million requests on all threads, and whether the process grows by them: its private memory, since the pages of the
/// bundle that come in as they are touched belong to the file.</summary>
internal sealed class ServingSoak(Recommender recommender, Matrix queries, int n, ResultFile results)
{
    private const long Requests = 10_000_000;

    /// <summary>Asks a hundredth to warm up, then all.</summary>
    public void Execute(int threads, int ef)
    {
        Ask(Requests / 100, threads);
        (double before, long faultsBefore) = (PrivateMebibytes(), PageFaults());
        long allocated = GC.GetTotalAllocatedBytes(precise: true);
        double seconds = Timing.Once(() => Ask(Requests, threads));
        allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;
        results.Add("soak_requests", Requests, n, threads, ef);
        results.Add("soak_seconds", seconds, n, threads, ef);
        results.Add("soak_allocated_bytes", allocated, n, threads, ef);
        results.Add("soak_private_mib_before", before, n, threads, ef);
        results.Add("soak_private_mib_after", PrivateMebibytes(), n, threads, ef);
        results.Add("soak_page_faults", PageFaults() - faultsBefore, n, threads, ef);
    }

    private void Ask(long requests, int threads)
    {
        Thread[] askers = [.. Enumerable.Range(0, threads).Select(number => new Thread(() => AskOnOne(number, requests / threads)))];
        foreach (Thread asker in askers)
            asker.Start();
        foreach (Thread asker in askers)
            asker.Join();
    }

    private void AskOnOne(int number, long requests)
    {
        int[] items = new int[n];
        float[] scores = new float[n];
        for (long i = 0; i < requests; i++)
            recommender.Recommend(queries.Row((i + (37 * number)) % queries.Rows), items, scores);
    }

    private static double PrivateMebibytes() => File.ReadLines("/proc/self/status")
        .Where(line => line.StartsWith("RssAnon:", StringComparison.Ordinal))
        .Select(line => double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024).Single();

    // proc(5): field 10, counted behind the name in brackets.
    private static long PageFaults() =>
        long.Parse(File.ReadAllText("/proc/self/stat").Split(") ")[^1].Split(' ')[7], CultureInfo.InvariantCulture);
}
