using NUnit.Framework;

namespace KernelPolicy.Tests.Support;

/// <summary>Managed bytes that an action allocates once it is warm.</summary>
internal static class Allocations
{
    /// <summary>
    /// Fails where the action allocates in each of several trials, on its own thread or on any other. The runtime
    /// itself allocates now and then (a compiled method's tables, the test runner's clock), hence the best trial counts;
    /// an action that allocates does so in all of them.
    /// </summary>
    public static void AssertNone(Action action, int warmUp = 50, int repeats = 20, int trials = 8)
    {
        for (int i = 0; i < warmUp; i++)
            action();
        long own = long.MaxValue;
        long all = long.MaxValue;
        for (int trial = 0; trial < trials; trial++)
        {
            long ownBefore = GC.GetAllocatedBytesForCurrentThread();
            long allBefore = GC.GetTotalAllocatedBytes(precise: true);
            for (int i = 0; i < repeats; i++)
                action();
            long allAfter = GC.GetTotalAllocatedBytes(precise: true);
            own = Math.Min(own, GC.GetAllocatedBytesForCurrentThread() - ownBefore);
            all = Math.Min(all, allAfter - allBefore);
        }

        using (Assert.EnterMultipleScope())
        {
            Assert.That(own, Is.Zero, "bytes allocated on the calling thread");
            Assert.That(all, Is.Zero, "bytes allocated on all threads");
        }
    }
}
