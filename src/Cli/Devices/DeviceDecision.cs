using System.Text.Json.Serialization;
using KernelPolicy.Cli.Options;
using KernelPolicy.Kernels.Ilgpu;

namespace KernelPolicy.Cli.Devices;

/// <summary>Where steps run, and why there.</summary>
/// <param name="Device">simd, opencl, cuda or cpu-accelerator.</param>
/// <param name="Reason">Why it was taken, in words.</param>
internal sealed record DeviceDecision(string Device, string Reason)
{
    /// <summary>How the device is reached; null for the processor by its own kernels.</summary>
    [JsonIgnore]
    public AcceleratorKind? Kind => Device switch
    {
        "cuda" => AcceleratorKind.Cuda,
        "opencl" => AcceleratorKind.OpenCl,
        "cpu-accelerator" => AcceleratorKind.CpuEmulator,
        _ => null,
    };

    /// <summary>What a choice means. Whether a device that was asked for is there, opening it tells.</summary>
    /// <param name="choice">What was asked for.</param>
    /// <param name="list">Lists the machine's devices; asked for auto alone, for it wakes drivers.</param>
    public static DeviceDecision Of(DeviceChoice choice, Func<IReadOnlyList<AcceleratorInfo>> list) => choice.Kind switch
    {
        DeviceChoice.Auto => Auto(list()),
        "cpu-accelerator" => new(choice.Kind, "it was asked for; it emulates a device, for checking only, and is never fast"),
        _ => new(choice.Kind, "it was asked for"),
    };

    /// <summary>What auto means on a machine with these devices: CUDA, else OpenCL beside the processor, else simd. The
    /// processor by OpenCL is never taken: simd is made for it.</summary>
    public static DeviceDecision Auto(IReadOnlyList<AcceleratorInfo> devices)
    {
        if (devices.FirstOrDefault(d => d is { Available: true, Kind: AcceleratorKind.Cuda }) is { } cuda)
            return new("cuda", $"auto takes a usable CUDA device first: {cuda.Name}");
        if (devices.FirstOrDefault(d => d is { Available: true, Kind: AcceleratorKind.OpenCl, IsProcessor: false }) is { } graphics)
            return new("opencl", $"auto takes a usable OpenCL device where CUDA has none: {graphics.Name}");
        IEnumerable<string> reasons = devices
            .Where(device => device.Kind is AcceleratorKind.Cuda or AcceleratorKind.OpenCl)
            .Select(device => $"{(device.Kind == AcceleratorKind.Cuda ? "CUDA" : "OpenCL")}: {WhyNot(device)}");
        return new(DeviceChoice.Simd, $"auto finds no usable device beside the processor ({string.Join("; ", reasons)})");
    }

    private static string WhyNot(AcceleratorInfo device) =>
        device.Reason is { } reason ? device.Name is { } name ? $"{name}: {reason}" : reason : $"{device.Name} is the processor";
}
