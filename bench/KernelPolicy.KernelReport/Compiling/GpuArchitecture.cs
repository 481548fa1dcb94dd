using ILGPU.Runtime.Cuda;

namespace KernelPolicy.KernelReport.Compiling;

/// <summary>What a multiprocessor of an architecture has to give to groups of threads (CUDA C++ Programming Guide, table of
/// compute capabilities).</summary>
/// <param name="Name">As the assembler calls it.</param>
/// <param name="Cuda">As ILGPU calls it.</param>
/// <param name="SharedBytes">Shared memory of a multiprocessor.</param>
/// <param name="SharedUnit">Unit in which it is given.</param>
/// <param name="SharedReserve">What the system takes of it for each group.</param>
internal sealed record GpuArchitecture(string Name, CudaArchitecture Cuda, int SharedBytes, int SharedUnit, int SharedReserve)
{
    private const int Registers = 65536;
    private const int RegisterUnit = 256;
    private const int WarpUnit = 4;
    private const int MostWarps = 64;
    private const int MostGroups = 32;
    private const int WarpThreads = 32;

    /// <summary>Those that kernels are compiled for: V100, A100, H100.</summary>
    public static IReadOnlyList<GpuArchitecture> All { get; } =
    [
        new("sm_70", CudaArchitecture.SM_70, 96 << 10, 256, 0),
        new("sm_80", CudaArchitecture.SM_80, 164 << 10, 128, 1024),
        new("sm_90", CudaArchitecture.SM_90, 228 << 10, 128, 1024),
    ];

    /// <summary>How many groups of threads a multiprocessor holds at once, and what keeps it from more.</summary>
    public Occupancy Occupancy(int groupThreads, int registers, int sharedBytes)
    {
        int warps = (groupThreads + WarpThreads - 1) / WarpThreads;
        int warpRegisters = RoundUp(Math.Max(1, registers) * WarpThreads, RegisterUnit);
        int byRegisters = Registers / warpRegisters / WarpUnit * WarpUnit / warps;
        int taken = RoundUp(sharedBytes + SharedReserve, SharedUnit);
        int byShared = taken == 0 ? MostGroups : SharedBytes / taken;
        int byThreads = Math.Min(MostGroups, MostWarps / warps);
        int groups = Math.Min(Math.Min(byRegisters, byShared), byThreads);
        string limit = groups == byThreads ? "threads" : groups == byRegisters ? "registers" : "shared memory";
        return new Occupancy(groups, groups * warps, (double)(groups * warps) / MostWarps, limit);
    }

    private static int RoundUp(int value, int unit) => (value + unit - 1) / unit * unit;
}

/// <summary>What a multiprocessor holds at once.</summary>
/// <param name="Groups">Groups of threads.</param>
/// <param name="Warps">Their warps.</param>
/// <param name="Share">Those of the most that it could hold.</param>
/// <param name="Limit">What keeps it from more.</param>
internal readonly record struct Occupancy(int Groups, int Warps, double Share, string Limit);
