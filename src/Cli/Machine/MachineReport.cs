using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using KernelPolicy.Cli.Devices;
using KernelPolicy.Kernels;
using KernelPolicy.Kernels.Ilgpu;

namespace KernelPolicy.Cli.Machine;

/// <summary>The machine as far as KernelPolicy cares, and what it makes of it.</summary>
/// <param name="Version">Of this tool.</param>
/// <param name="OperatingSystem">Its name and version.</param>
/// <param name="Runtime">.NET's name and version.</param>
/// <param name="Processor">The processor.</param>
/// <param name="SimdPath">Which kernels run on it.</param>
/// <param name="Accelerators">Devices beside it, and those that are not there, with the reason.</param>
/// <param name="AutoDevice">What --device auto takes here, and why.</param>
internal sealed record MachineReport(
    string Version,
    string OperatingSystem,
    string Runtime,
    ProcessorFacts Processor,
    SimdChoice SimdPath,
    IReadOnlyList<AcceleratorInfo> Accelerators,
    DeviceDecision AutoDevice)
{
    /// <summary>Asks this machine.</summary>
    [RequiresDynamicCode("It lists the devices that ILGPU finds.")]
    public static MachineReport Read()
    {
        IReadOnlyList<AcceleratorInfo> accelerators = Kernels.Ilgpu.Accelerators.List();
        return new MachineReport(
            typeof(MachineReport).Assembly.GetName().Version?.ToString(3) ?? "",
            RuntimeInformation.OSDescription,
            RuntimeInformation.FrameworkDescription,
            ProcessorFacts.Read(),
            SimdChoice.Read(),
            accelerators,
            DeviceDecision.Auto(accelerators));
    }
}

/// <summary>Which SIMD kernels run.</summary>
/// <param name="VectorBits">Width of their vectors.</param>
/// <param name="Accelerated">Whether the processor executes that width itself.</param>
/// <param name="Forced">Whether the environment asks for that width.</param>
internal sealed record SimdChoice(int VectorBits, bool Accelerated, bool Forced)
{
    /// <summary>Asks the kernels.</summary>
    public static SimdChoice Read() => new(
        SimdPath.Width, SimdPath.IsAccelerated, !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(SimdPath.Variable)));
}
