using System.Diagnostics;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using KernelPolicy.Distributed;

namespace KernelPolicy.RankProgram;

/// <summary>Tables that any carrier must sum to the same bits: the tests let threads do what the ranks of an mpirun do.</summary>
public static class SummedTables
{
    /// <summary>Sums tables over the ranks as often as asked; what came out, as one number.</summary>
    /// <param name="communicator">The ranks.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="width">Numbers of a row.</param>
    /// <param name="repetitions">How often, each time with other numbers.</param>
    public static SummedResult Run(ICommunicator communicator, int rows, int width, int repetitions)
    {
        ArgumentNullException.ThrowIfNull(communicator);
        using RankSum sum = new(communicator, rows, width);
        XxHash3 hash = new();
        communicator.Barrier();
        RankTraffic before = communicator.Traffic;
        long start = Stopwatch.GetTimestamp();
        for (int repetition = 0; repetition < repetitions; repetition++)
        {
            for (int row = 0; row < rows; row++)
                Fill(sum.Own(row), communicator.Rank, row, repetition);
            sum.Run();
            for (int row = 0; row < rows; row++)
                hash.Append(MemoryMarshal.AsBytes(sum.Joined(row)));
        }

        return new SummedResult(hash.GetCurrentHashAsUInt64(), communicator.Traffic.Since(before), Stopwatch.GetElapsedTime(start));
    }

    /// <summary>A rank's version of a row. Sums of such numbers depend on the order in which they are added.</summary>
    public static void Fill(Span<float> row, int rank, int number, int repetition)
    {
        for (int i = 0; i < row.Length; i++)
            row[i] = MathF.Sin((rank * 1009) + (number * 31) + i + repetition);
    }
}

/// <summary>What sums came to.</summary>
/// <param name="Hash">Of all joined tables.</param>
/// <param name="Traffic">What this rank has sent.</param>
/// <param name="Time">How long it took.</param>
public readonly record struct SummedResult(ulong Hash, RankTraffic Traffic, TimeSpan Time);
