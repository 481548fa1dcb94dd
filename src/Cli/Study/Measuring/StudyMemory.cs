namespace KernelPolicy.Cli.Study;

/// <summary>Keeps cells from filling the memory, and the machine from stopping for hours.</summary>
internal static class StudyMemory
{
    private const double MostShare = 0.9;

    /// <summary>Why a cell cannot be measured here; null where it can.</summary>
    public static string? WhyTooLarge(CellEstimate estimate)
    {
        double room = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        return estimate.Bytes <= MostShare * room ? null
            : $"needs some {estimate.Bytes / (1L << 30):0.0} GiB of memory; this machine has {room / (1L << 30):0.0}";
    }
}
