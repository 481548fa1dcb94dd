using System.Diagnostics;
using KernelPolicy.Distributed;

namespace KernelPolicy.RankProgram;

/// <summary>A rank that fails between sums, while the others wait for it.</summary>
internal static class FailingRank
{
    private const int Rows = 64;
    private const int Before = 3;

    /// <summary>Sums until one rank fails, and then waits for it.</summary>
    /// <param name="communicator">The ranks.</param>
    /// <param name="rank">Which one fails.</param>
    /// <param name="kill">By SIGKILL; else by an exception.</param>
    /// <param name="log">Where a rank that ends otherwise than by SIGKILL says so.</param>
    public static void Run(ICommunicator communicator, int rank, bool kill, TextWriter log)
    {
        using RankSum sum = new(communicator, Rows, Rows);
        for (int i = 0; ; i++)
        {
            if (i == Before && communicator.Rank == rank)
            {
                log.WriteLine($"rank {rank} fails now");
                if (kill)
                    Process.GetCurrentProcess().Kill();
                throw new InvalidDataException("what a rank could not read");
            }

            sum.Run();
        }
    }
}
