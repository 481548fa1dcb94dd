using KernelPolicy.Kernels.Ilgpu;
using NUnit.Framework;

namespace KernelPolicy.Tests.Devices;

/// <summary>The devices of the tests: each is opened by the first test that needs it and serves all others.</summary>
[SetUpFixture]
public sealed class OpenDevices
{
    private static readonly Dictionary<DevicePath, ComputeDevice> Opened = [];

    private static readonly Lazy<IReadOnlyList<AcceleratorInfo>> Listed = new(Accelerators.List);

    [OneTimeTearDown]
    public void Close()
    {
        foreach (ComputeDevice device in Opened.Values)
            device.Dispose();
        Opened.Clear();
    }

    /// <summary>The device of a path; skips the test, visibly, where there is none.</summary>
    internal static ComputeDevice Get(DevicePath path)
    {
        if (!Opened.TryGetValue(path, out ComputeDevice? device))
            Opened.Add(path, device = Open(path));
        return device;
    }

    /// <summary>A device of the caller's own; skips the test, visibly, where there is none.</summary>
    internal static ComputeDevice Open(DevicePath path)
    {
        switch (path)
        {
            case DevicePath.EmulatedProcessor:
                return ComputeDevice.OpenEmulator(asProcessor: true);
            case DevicePath.EmulatedGraphics:
                return ComputeDevice.OpenEmulator(asProcessor: false);
            default:
                AcceleratorKind kind = path == DevicePath.Cuda ? AcceleratorKind.Cuda : AcceleratorKind.OpenCl;
                AcceleratorInfo[] found = [.. Listed.Value.Where(info => info.Kind == kind)];
                if (!found.Any(info => info.Available))
                    Assert.Ignore($"No usable {(kind == AcceleratorKind.Cuda ? "CUDA" : "OpenCL")} device: {string.Join("; ", found.Select(info => info.Reason))}");
                return ComputeDevice.Open(kind);
        }
    }
}
