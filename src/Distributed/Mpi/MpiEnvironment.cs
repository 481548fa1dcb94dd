using System.Globalization;

namespace KernelPolicy.Distributed;

/// <summary>What mpirun tells the processes that it starts, before any of them has loaded MPI.</summary>
public static class MpiEnvironment
{
    // Open MPI 4 and 5 both set these.
    private const string SizeVariable = "OMPI_COMM_WORLD_SIZE";
    private const string RankVariable = "OMPI_COMM_WORLD_RANK";
    private const string LocalSizeVariable = "OMPI_COMM_WORLD_LOCAL_SIZE";

    /// <summary>Ranks of this job; 1 where mpirun has not started this process.</summary>
    public static int Ranks => Number(SizeVariable) ?? 1;

    /// <summary>Number of this rank; 0 where mpirun has not started this process.</summary>
    public static int Rank => Number(RankVariable) ?? 0;

    /// <summary>Ranks of this job on this machine; 1 where mpirun has not started this process.</summary>
    public static int RanksHere => Number(LocalSizeVariable) ?? 1;

    /// <summary>Threads that are a rank's share of this machine's processors, at least 1: those that mpirun has bound it to, or where it has
    /// bound it to none its part of all.</summary>
    public static int ThreadsOfARank
    {
        get
        {
            int bound = Environment.ProcessorCount;
            return Math.Max(1, Math.Min(bound, Processors() / RanksHere));
        }
    }

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value >= 0
            ? value
            : null;

    // Not those that this process is bound to, which is what the framework counts.
    private static int Processors()
    {
        const string path = "/proc/cpuinfo";
        int count = File.Exists(path) ? File.ReadLines(path).Count(line => line.StartsWith("processor", StringComparison.Ordinal)) : 0;
        return Math.Max(count, Environment.ProcessorCount);
    }
}
