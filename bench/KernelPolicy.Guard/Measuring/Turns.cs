using System.Diagnostics;

namespace KernelPolicy.Guard.Measuring;

/// <summary>Times contenders in turns: A, B, C, A, B, C, and so on, so that a disturbance or a slower clock meets all of them.</summary>
internal static class Turns
{
    /// <summary>Milliseconds of a call of each, in the best of its turns.</summary>
    /// <remarks>A turn takes the same time whatever a call takes, so that the short ones are disturbed as often as the long ones.</remarks>
    /// <param name="contenders">What is timed.</param>
    /// <param name="rounds">Turns of each.</param>
    /// <param name="seconds">The least time of a turn.</param>
    public static Dictionary<string, double> Best(IReadOnlyList<Contender> contenders, int rounds, double seconds)
    {
        // The runtime compiles what is called often in its final form after some hundred milliseconds.
        foreach (Contender contender in contenders)
            Turn(contender, 10 * seconds);
        double[] best = new double[contenders.Count];
        Array.Fill(best, double.PositiveInfinity);
        for (int round = 0; round < rounds; round++)
        {
            for (int i = 0; i < best.Length; i++)
                best[i] = Math.Min(best[i], Turn(contenders[i], seconds));
        }

        return contenders.Zip(best).ToDictionary(pair => pair.First.Name, pair => pair.Second * 1e3);
    }

    /// <summary>Managed bytes that a warm call allocates, on whatever thread: the least of many calls, since the runtime allocates a
    /// little now and then, and a call that allocates does so each time.</summary>
    public static long Bytes(Contender contender)
    {
        const int Trials = 60;
        long least = long.MaxValue;
        for (int trial = 0; trial < Trials && least > 0; trial++)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            contender.Run();
            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
        }

        return least;
    }

    private static double Turn(Contender contender, double seconds)
    {
        long start = Stopwatch.GetTimestamp();
        int calls = 0;
        double elapsed;
        do
        {
            contender.Run();
            calls++;
            elapsed = Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
        while (elapsed < seconds);
        return elapsed / calls;
    }
}
