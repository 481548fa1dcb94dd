using NUnit.Framework;

namespace KernelPolicy.Tests.Support;

/// <summary>Managed bytes that an action allocates once it is warm.</summary>
internal static class Allocations
{
    /// <summary>
    /// Fails where the action allocates in every one of many short trials, on its own thread or on any other. The test
    /// host allocates on threads of its own every few milliseconds; an action that allocates does so each time.
    /// </summary>
    public static void AssertNone(Action action, int warmUp = 50, int repeats = 2, int trials = 60)
    {
        for (int i = 0; i < warmUp; i++)
            action();
        long own = long.MaxValue;
        long all = long.MaxValue;
        for (int trial = 0; trial < trials && (own != 0 || all != 0); trial++)
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
