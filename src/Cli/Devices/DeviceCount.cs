using KernelPolicy.Kernels.Ilgpu;

namespace KernelPolicy.Cli.Devices;

/// <summary>What a step asks of its device; NaN throughout where none ran.</summary>
/// <param name="Launches">Kernels launched.</param>
/// <param name="UpBytes">Bytes copied from the host.</param>
/// <param name="DownBytes">Bytes copied to the host.</param>
internal sealed record DeviceFigures(double Launches, double UpBytes, double DownBytes);

/// <summary>The time of one kernel, as --json writes it.</summary>
/// <param name="Kernel">Its name.</param>
/// <param name="LaunchesPerStep">How often a step launches it.</param>
/// <param name="MsPerStep">Milliseconds that its launches take a step, each by itself.</param>
internal sealed record KernelFigures(string Kernel, double LaunchesPerStep, double MsPerStep);

/// <summary>Counts what is asked of a device from here on.</summary>
/// <param name="device">The device; null where there is none.</param>
internal sealed class DeviceCount(ComputeDevice? device)
{
    private readonly long _launches = device?.Launches ?? 0;
    private readonly long _up = device?.UploadedBytes ?? 0;
    private readonly long _down = device?.DownloadedBytes ?? 0;

    /// <summary>What was asked so far, a step.</summary>
    public DeviceFigures PerStep(long steps) => device is null || steps < 1
        ? new DeviceFigures(double.NaN, double.NaN, double.NaN)
        : new DeviceFigures(
            (double)(device.Launches - _launches) / steps,
            (double)(device.UploadedBytes - _up) / steps,
            (double)(device.DownloadedBytes - _down) / steps);
}
