using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace KernelPolicy.Cli.Machine;

/// <summary>What is known of the processor.</summary>
/// <param name="Name">What it calls itself.</param>
/// <param name="Architecture">X64, Arm64 and the like.</param>
/// <param name="LogicalProcessors">Threads that run at once in this process.</param>
/// <param name="MemoryBytes">Memory that this process may use.</param>
/// <param name="InstructionSets">Those that matter to the kernels, of the ones that .NET may use here.</param>
/// <param name="AcceleratedVectorBits">Vector widths that the processor executes itself.</param>
internal sealed record ProcessorFacts(
    string Name,
    string Architecture,
    int LogicalProcessors,
    long MemoryBytes,
    IReadOnlyList<string> InstructionSets,
    IReadOnlyList<int> AcceleratedVectorBits)
{
    /// <summary>Asks this machine.</summary>
    public static ProcessorFacts Read() => new(
        ReadName(),
        RuntimeInformation.ProcessArchitecture.ToString(),
        Environment.ProcessorCount,
        GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
        [.. Supported().Where(set => set.IsSupported).Select(set => set.Name)],
        [.. Widths().Where(width => width.IsAccelerated).Select(width => width.Bits)]);

    private static IEnumerable<(string Name, bool IsSupported)> Supported() =>
    [
        ("SSE4.2", Sse42.IsSupported),
        ("AVX", Avx.IsSupported),
        ("AVX2", Avx2.IsSupported),
        ("FMA", Fma.IsSupported),
        ("BMI2", Bmi2.IsSupported),
        ("AVX-512F", Avx512F.IsSupported),
        ("AVX-512BW", Avx512BW.IsSupported),
        ("AVX-512DQ", Avx512DQ.IsSupported),
        ("AVX-512VL", Avx512F.VL.IsSupported),
        ("AVX-512VBMI", Avx512Vbmi.IsSupported),
        ("AVX10.1", Avx10v1.IsSupported),
        ("AdvSIMD", AdvSimd.IsSupported),
        ("ARM dot product", Dp.IsSupported),
    ];

    private static IEnumerable<(int Bits, bool IsAccelerated)> Widths() =>
    [
        (128, Vector128.IsHardwareAccelerated),
        (256, Vector256.IsHardwareAccelerated),
        (512, Vector512.IsHardwareAccelerated),
    ];

    private static string ReadName()
    {
        const string Unknown = "unknown";
        if (OperatingSystem.IsWindows())
            return Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? Unknown;
        // Other systems have no such file, and some processors do not name themselves in it.
        const string CpuInfo = "/proc/cpuinfo";
        if (!File.Exists(CpuInfo))
            return Unknown;
        string? line = File.ReadLines(CpuInfo).FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal));
        return line is null ? Unknown : line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
    }
}
