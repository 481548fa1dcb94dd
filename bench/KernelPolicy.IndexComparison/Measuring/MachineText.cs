using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using KernelPolicy.Kernels;

namespace KernelPolicy.IndexComparison.Measuring;

/// <summary>The machine in words: a figure without it says nothing.</summary>
internal static class MachineText
{
    /// <summary>Processor, cores, memory, system, runtime.</summary>
    public static string Describe()
    {
        double memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (double)(1L << 30);
        string widest = Vector512.IsHardwareAccelerated ? "512" : Vector256.IsHardwareAccelerated ? "256" : "128";
        return $"{Processor()}; {Environment.ProcessorCount} processors; {memory:0} GiB; {SystemName()}; "
            + $"{RuntimeInformation.FrameworkDescription}; vectors of {SimdPath.Width} bits of {widest}; load {Load()} at the start";
    }

    private static string Processor() => Field("/proc/cpuinfo", "model name", ':') ?? RuntimeInformation.ProcessArchitecture.ToString();

    private static string SystemName() =>
        Field("/etc/os-release", "PRETTY_NAME", '=')?.Trim('"') ?? RuntimeInformation.OSDescription;

    private static string Load() => File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : "unknown";

    private static string? Field(string file, string name, char separator)
    {
        if (!File.Exists(file))
            return null;
        string? line = File.ReadLines(file).FirstOrDefault(l => l.StartsWith(name, StringComparison.Ordinal));
        return line?[(line.IndexOf(separator, StringComparison.Ordinal) + 1)..].Trim();
    }
}
