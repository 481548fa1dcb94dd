namespace KernelPolicy.KernelReport.Roofline;

/// <summary>What a device can do at most, and what of it is expected.</summary>
/// <param name="Name">Its name.</param>
/// <param name="MemoryRate">Bytes a second of its memory.</param>
/// <param name="CacheRate">Bytes a second of its second cache.</param>
/// <param name="CacheBytes">Bytes of that cache.</param>
/// <param name="ArithmeticRate">Operations in single precision a second, outside tensor cores.</param>
/// <param name="Multiprocessors">Multiprocessors, each with its share of all rates.</param>
internal sealed record RooflineDevice(
    string Name, double MemoryRate, double CacheRate, double CacheBytes, double ArithmeticRate, int Multiprocessors)
{
    /// <summary>NVIDIA H100 SXM: rates of its data sheet, that of its cache as measured by others.</summary>
    public static RooflineDevice H100 { get; } = new("H100 SXM", 3.35e12, 5.5e12, 50e6, 67e12, 132);

    /// <summary>Seconds from one kernel of a queue to the next.</summary>
    public double LaunchSeconds { get; init; } = 3e-6;

    /// <summary>Seconds of a read of shared memory or the first cache that the next step waits for: 30 cycles.</summary>
    public double NearSeconds { get; init; } = 18e-9;

    /// <summary>Seconds of such a read of the second cache: 250 cycles.</summary>
    public double FarSeconds { get; init; } = 150e-9;

    /// <summary>Share of the rates of memory and cache that is reached.</summary>
    public double MemoryShare { get; init; } = 1;

    /// <summary>Share of the rate of arithmetic that is reached.</summary>
    public double ArithmeticShare { get; init; } = 1;

    /// <summary>How long a kernel takes, and what binds it.</summary>
    public KernelTime Time(KernelCost cost)
    {
        // Fewer groups than multiprocessors leave the others idle.
        double busy = Math.Min(1, (double)cost.Groups / Multiprocessors);
        bool isCached = cost.TableSize <= CacheBytes;
        double memory = isCached ? 0 : cost.TableBytes / (MemoryRate * MemoryShare * busy);
        double cache = (cost.CacheBytes + (isCached ? cost.TableBytes : 0)) / (CacheRate * MemoryShare * busy);
        double arithmetic = cost.Operations / (ArithmeticRate * ArithmeticShare * busy);
        double chain = (cost.NearSteps * NearSeconds) + (cost.FarSteps * FarSeconds);
        (double seconds, string bound) = new[] { (memory, "memory"), (cache, "cache"), (arithmetic, "arithmetic"), (chain, "waiting") }.Max();
        return new KernelTime(seconds + LaunchSeconds, seconds < LaunchSeconds ? "launch" : bound);
    }

    /// <summary>How long a step takes: its kernels follow each other.</summary>
    public double Time(IEnumerable<KernelCost> step) => step.Sum(cost => Time(cost).Seconds);
}

/// <summary>How long a kernel takes.</summary>
/// <param name="Seconds">Seconds, its launch included.</param>
/// <param name="Bound">What takes most of them.</param>
internal readonly record struct KernelTime(double Seconds, string Bound);

/// <summary>What a kernel does.</summary>
/// <param name="Kernel">As the profile of a device calls it.</param>
/// <param name="Groups">Groups of threads.</param>
internal sealed record KernelCost(string Kernel, double Groups)
{
    /// <summary>Bytes read or written of a table that stays in the cache only where it fits.</summary>
    public double TableBytes { get; init; }

    /// <summary>Bytes of that table.</summary>
    public double TableSize { get; init; }

    /// <summary>Bytes of what is in the cache in any case: written by the launch before, or read again.</summary>
    public double CacheBytes { get; init; }

    /// <summary>Operations; a product with its sum is two.</summary>
    public double Operations { get; init; }

    /// <summary>Reads of near memory, one after the other, of the thread that makes most of them.</summary>
    public double NearSteps { get; init; }

    /// <summary>The same of the second cache.</summary>
    public double FarSteps { get; init; }
}
