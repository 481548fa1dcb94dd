using System.Diagnostics;

namespace KernelPolicy.IndexComparison.Measuring;

/// <summary>How times are taken, here and in the peers alike.</summary>
internal static class Timing
{
    // One call so long averages disturbances itself; repeating it would cost more than it tells.
    private const double SecondsForTwoPasses = 0.5;
    private const double SecondsForOnePass = 1;

    /// <summary>Seconds that one call takes.</summary>
    public static double Once(Action action)
    {
        long start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>Seconds a call in the best of some passes, each of them repeated calls for a least time. Calls of half a
    /// second have two passes, calls of a second one.</summary>
    /// <param name="action">What is timed; it has been called before.</param>
    /// <param name="once">Seconds that it took then.</param>
    /// <param name="warm">Whether that call was warmed up too, so that a long one counts as the pass.</param>
    /// <param name="plan">Least time and passes.</param>
    public static double Best(Action action, double once, bool warm, SearchPlan plan)
    {
        if (warm && once > SecondsForOnePass)
            return once;
        int passes = once > SecondsForOnePass ? 1 : once > SecondsForTwoPasses ? Math.Min(2, plan.Passes) : plan.Passes;
        double best = double.PositiveInfinity;
        for (int pass = 0; pass < passes; pass++)
        {
            int calls = 0;
            long start = Stopwatch.GetTimestamp();
            double elapsed;
            do
            {
                action();
                calls++;
                elapsed = Stopwatch.GetElapsedTime(start).TotalSeconds;
            }
            while (elapsed < plan.Seconds);
            best = Math.Min(best, elapsed / calls);
        }

        return best;
    }

    /// <summary>Calls until a time is over, for the runtime to compile in its final form what is called.</summary>
    public static void WarmUp(Action action, double seconds)
    {
        long start = Stopwatch.GetTimestamp();
        do
            action();
        while (Stopwatch.GetElapsedTime(start).TotalSeconds < seconds);
    }
}
