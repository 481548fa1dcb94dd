using System.Globalization;
using KernelPolicy.Distributed;

namespace KernelPolicy.RankProgram;

/// <summary>What an interface says that it has sent, beside what the ranks count.</summary>
internal static class WireBytes
{
    /// <summary>Sums tables; bytes that this rank has counted and that the interface has sent meanwhile.</summary>
    /// <param name="communicator">The ranks.</param>
    /// <param name="device">Name of the interface.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="width">Numbers of a row.</param>
    /// <param name="repetitions">How often.</param>
    public static (SummedResult Result, long Sent, long Frames) Run(ICommunicator communicator, string device, int rows, int width, int repetitions)
    {
        // The first messages between two ranks open a connection; they are not counted.
        _ = SummedTables.Run(communicator, rows, width, 1);
        communicator.Barrier();
        (long bytesBefore, long framesBefore) = Sent(device);
        communicator.Barrier();
        SummedResult result = SummedTables.Run(communicator, rows, width, repetitions);
        communicator.Barrier();
        (long bytes, long frames) = Sent(device);
        communicator.Barrier();
        return (result, bytes - bytesBefore, frames - framesBefore);
    }

    // /proc/self/net/dev: "eth0: bytes packets errs drop fifo frame compressed multicast" of what came, and the same of what went. Other than
    // /sys it is that of the namespace that the process is in.
    private static (long Bytes, long Frames) Sent(string device)
    {
        string line = File.ReadLines("/proc/self/net/dev").Single(text => text.TrimStart().StartsWith(device + ":", StringComparison.Ordinal));
        string[] numbers = line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return (long.Parse(numbers[8], CultureInfo.InvariantCulture), long.Parse(numbers[9], CultureInfo.InvariantCulture));
    }
}
