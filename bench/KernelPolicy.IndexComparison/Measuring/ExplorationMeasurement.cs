using System.Diagnostics;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;

namespace KernelPolicy.IndexComparison.Measuring;

/// <summary>Times draws from the softmax over all items, with their propensities: the search for K items, the noise of head and tail,
/// and 1024 draws for the propensity.</summary>
internal sealed class ExplorationMeasurement(Recommender recommender, Matrix queries, ResultFile results)
{
    private const int Draws = 5000;

    /// <summary>Times slates of so many places.</summary>
    public void Execute(int places, int headItems, int ef)
    {
        ExplorationOptions options = new() { Kind = ExplorationKind.Softmax, HeadItems = headItems };
        ExploredItem[] slate = new ExploredItem[places];
        ulong request = 0;
        Timing.WarmUp(() => recommender.Explore(queries.Row((long)(request % (ulong)queries.Rows)), slate, options, request++), 1);
        double[] times = new double[Draws];
        long perturbed = 0, missed = 0;
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < Draws; i++, request++)
        {
            long start = Stopwatch.GetTimestamp();
            ExplorationReport report = recommender.Explore(queries.Row((long)(request % (ulong)queries.Rows)), slate, options, request);
            times[i] = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
            perturbed += report.PerturbedTailItems;
            missed += report.NoMissSeen ? 0 : 1;
        }

        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        Array.Sort(times);
        results.Add($"explore_{places}_of_{headItems}_p50_us", times[Draws / 2], places, 1, ef);
        results.Add($"explore_{places}_of_{headItems}_p99_us", times[Draws * 99 / 100], places, 1, ef);
        results.Add($"explore_{places}_of_{headItems}_tail_items_scored", (double)perturbed / Draws, places, 1, ef);
        results.Add($"explore_{places}_of_{headItems}_share_with_misses", (double)missed / Draws, places, 1, ef);
        results.Add($"explore_{places}_of_{headItems}_allocated_bytes", (double)allocated / Draws, places, 1, ef);
    }
}
