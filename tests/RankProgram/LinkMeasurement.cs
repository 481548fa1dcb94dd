using System.Diagnostics;
using System.Globalization;
using KernelPolicy.Distributed;

namespace KernelPolicy.RankProgram;

/// <summary>How long sums of tables take on the network at hand, beside what the model says.</summary>
internal static class LinkMeasurement
{
    private const int Width = 16;
    private const int LargestRows = 16384;
    private const int Blocks = 11;
    private const int SumsOfABlock = 20;

    /// <summary>Sums tables of 1 KiB to 1 MiB, one after the other, each begun when the one before is done; rank 0 writes a table.</summary>
    /// <param name="communicator">The ranks.</param>
    /// <param name="link">The network as the model sees it.</param>
    /// <param name="output">Where to.</param>
    public static void Run(ICommunicator communicator, LinkModel link, TextWriter output)
    {
        bool isFirst = communicator.Rank == 0;
        if (isFirst)
        {
            output.WriteLine($"| bytes | ranks | rounds | µs, median | 10th | 90th | model | measured / model |");
            output.WriteLine("| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
        }

        for (int rows = 16; rows <= LargestRows; rows *= 2)
        {
            double[] seconds = Time(communicator, rows);
            double modelled = link.ReductionSeconds(communicator.Size, rows, Width);
            if (isFirst)
            {
                output.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"| {rows * Width * sizeof(float):N0} | {communicator.Size} | {RankReduction.Rounds(communicator.Size, rows, Width)} | {seconds[Blocks / 2] * 1e6:0} | {seconds[Blocks / 10] * 1e6:0} | {seconds[Blocks * 9 / 10] * 1e6:0} | {modelled * 1e6:0} | {seconds[Blocks / 2] / modelled:0.00} |"));
            }
        }
    }

    // Sums follow each other without a pause, so that TCP's window stays open as it does from step to step.
    private static double[] Time(ICommunicator communicator, int rows)
    {
        using RankSum sum = new(communicator, rows, Width);
        double[] seconds = new double[Blocks];
        for (int block = -1; block < Blocks; block++)
        {
            communicator.Barrier();
            long start = Stopwatch.GetTimestamp();
            for (int i = 0; i < SumsOfABlock; i++)
                sum.Run();
            if (block >= 0)
                seconds[block] = Stopwatch.GetElapsedTime(start).TotalSeconds / SumsOfABlock;
        }

        Array.Sort(seconds);
        return seconds;
    }
}
