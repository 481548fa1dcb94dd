using System.Diagnostics.CodeAnalysis;
using ILGPU.Runtime.CPU;

namespace KernelPolicy.Kernels.Ilgpu;

/// <summary>Finds the devices that kernels can run on.</summary>
/// <remarks>
/// ILGPU leaves out, without a word, what it cannot use: a driver that does not load, a device that lacks a capability, an
/// error while devices are listed. Here each is asked for by itself, and what is left out is listed with its reason.
/// Thread safety: safe to call from any number of threads. No device is opened.
/// </remarks>
public static class Accelerators
{
    internal const string NeedsDynamicCode = "ILGPU compiles kernels and their launchers while the program runs.";

    /// <summary>Lists every device of every kind, and a reason for each kind or device that cannot be used.</summary>
    /// <returns>At least one entry a kind: CUDA devices first, then OpenCL, then the emulator.</returns>
    [RequiresDynamicCode(NeedsDynamicCode)]
    public static IReadOnlyList<AcceleratorInfo> List() =>
    [
        .. Guarded(AcceleratorKind.Cuda, CudaProbe.Find),
        .. Guarded(AcceleratorKind.OpenCl, OpenClProbe.Find),
        .. Guarded(AcceleratorKind.CpuEmulator, FindEmulator),
    ];

    private static IReadOnlyList<AcceleratorInfo> FindEmulator() =>
        [AcceleratorInfo.Usable(AcceleratorKind.CpuEmulator, CPUDevice.Default.Name, memoryBytes: null, AcceleratorInfo.ByWarps)];

    // A driver can fail in ways that no list of exceptions foresees; one that does must not hide the other kinds.
    private static IReadOnlyList<AcceleratorInfo> Guarded(AcceleratorKind kind, Func<IReadOnlyList<AcceleratorInfo>> find)
    {
        try
        {
            return find();
        }
        catch (Exception e)
        {
            return [AcceleratorInfo.None(kind, $"the driver failed while its devices were listed: {e.Message}")];
        }
    }
}
