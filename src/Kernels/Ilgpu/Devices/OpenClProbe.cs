using ILGPU.Backends.OpenCL;
using ILGPU.Runtime.OpenCL;

namespace KernelPolicy.Kernels.Ilgpu;

/// <summary>Asks every OpenCL platform for its devices, and each device for what ILGPU needs of it.</summary>
internal static class OpenClProbe
{
    private const AcceleratorKind Kind = AcceleratorKind.OpenCl;
    private const int MostDevicesPerPlatform = 64;

    // What the loader answers where no driver is registered with it; ILGPU's list of errors does not name it.
    private const int PlatformNotFound = -1001;

    public static IReadOnlyList<AcceleratorInfo> Find()
    {
        if (!DriverLibrary.TryLoad(LibraryName, out _, out string? reason))
            return [AcceleratorInfo.None(Kind, reason!)];
        CLAPI api = CLAPI.CurrentAPI;
        if (!api.IsSupported)
            return [AcceleratorInfo.None(Kind, "ILGPU does not support OpenCL in this process (it must run as 64 bits)")];
        CLError error = api.GetNumPlatforms(out int count);
        if ((int)error == PlatformNotFound || (error == CLError.CL_SUCCESS && count < 1))
            return [AcceleratorInfo.None(Kind, "the OpenCL loader is installed, but no driver is registered with it")];
        nint[] platforms = new nint[Math.Max(count, 0)];
        if (error == CLError.CL_SUCCESS)
            error = api.GetPlatforms(platforms, ref count);
        if (error != CLError.CL_SUCCESS)
            return [AcceleratorInfo.None(Kind, $"the OpenCL loader does not list drivers: {error}")];
        return [.. platforms.SelectMany(platform => DevicesOf(api, platform))];
    }

    private static string LibraryName =>
        OperatingSystem.IsWindows() ? CLAPI.LibNameWindows : OperatingSystem.IsMacOS() ? CLAPI.LibNameMacOS : CLAPI.LibNameLinux;

    private static IEnumerable<AcceleratorInfo> DevicesOf(CLAPI api, nint platform)
    {
        string platformName = api.GetPlatformInfo(platform, CLPlatformInfoType.CL_PLATFORM_NAME);
        nint[] devices = new nint[MostDevicesPerPlatform];
        CLError error = api.GetDevices(platform, CLDeviceType.CL_DEVICE_TYPE_ALL, devices, out int count);
        if (error == CLError.CL_DEVICE_NOT_FOUND || (error == CLError.CL_SUCCESS && count < 1))
            return [AcceleratorInfo.None(Kind, $"{platformName} finds no device")];
        if (error != CLError.CL_SUCCESS)
            return [AcceleratorInfo.None(Kind, $"{platformName} does not list its devices: {error}")];
        return devices.Take(count).Select(device => Describe(api, platform, platformName, device));
    }

    // Which exception a driver's refusal becomes differs from call to call; each is a reason for this device alone.
    private static AcceleratorInfo Describe(CLAPI api, nint platform, string platformName, nint device)
    {
        try
        {
            if (api.GetDeviceInfo<int>(device, CLDeviceInfoType.CL_DEVICE_AVAILABLE) == 0)
            {
                string bareName = api.GetDeviceInfo(device, CLDeviceInfoType.CL_DEVICE_NAME);
                return AcceleratorInfo.Rejected(Kind, $"{bareName} ({platformName})", null, "the driver says that the device is not available");
            }

            CLDevice described = new(platform, device);
            string name = $"{described.Name} ({platformName})";
            AcceleratorInfo info = Shortcoming(described) is { } reason
                ? AcceleratorInfo.Rejected(Kind, name, described.MemorySize, reason)
                : AcceleratorInfo.Usable(Kind, name, described.MemorySize, Style(described));
            return info with { IsProcessor = IsProcessor(described) };
        }
        catch (Exception e)
        {
            return AcceleratorInfo.Rejected(Kind, $"a device of {platformName}", null, $"it could not be asked for its properties: {e.Message}");
        }
    }

    /// <summary>Why kernels cannot run on a device; null where they can. The first two are the conditions by which ILGPU
    /// admits one.</summary>
    public static string? Shortcoming(CLDevice device)
    {
        if (device.CLStdVersion < CLBackend.MinimumVersion)
            return $"it offers OpenCL C {device.CLStdVersion}; ILGPU needs {CLBackend.MinimumVersion}";
        if (!device.Capabilities.GenericAddressSpace)
            return "it has no generic address space, which ILGPU needs (PoCL 6 has it)";
        return device.Capabilities.Float64 ? null : "it has no double precision, in which sums are joined";
    }

    /// <summary>Whether a device is the processor.</summary>
    public static bool IsProcessor(CLDevice device) => (device.DeviceType & CLDeviceType.CL_DEVICE_TYPE_CPU) != 0;

    /// <summary>Whether threads can hand numbers to each other without memory.</summary>
    public static bool HasShuffles(CLDevice device) => device.Capabilities.SubGroups && device.WarpSize >= EightOfWarp.Size;

    private static string Style(CLDevice device) =>
        IsProcessor(device) ? AcceleratorInfo.ByOneThread : HasShuffles(device) ? AcceleratorInfo.ByWarps : AcceleratorInfo.ByThreads;
}
