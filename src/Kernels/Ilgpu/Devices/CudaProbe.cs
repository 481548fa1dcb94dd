using System.Runtime.InteropServices;
using ILGPU.Runtime.Cuda;

namespace KernelPolicy.Kernels.Ilgpu;

/// <summary>Asks the NVIDIA driver for its devices.</summary>
internal static class CudaProbe
{
    private const AcceleratorKind Kind = AcceleratorKind.Cuda;

    public static IReadOnlyList<AcceleratorInfo> Find()
    {
        if (!DriverLibrary.TryLoad(LibraryName, out nint driver, out string? reason))
            return [AcceleratorInfo.None(Kind, reason!)];
        if (Initialise(driver) is { } fault)
            return [AcceleratorInfo.None(Kind, fault)];
        CudaAPI api = CudaAPI.CurrentAPI;
        if (!api.IsSupported)
            return [AcceleratorInfo.None(Kind, "ILGPU does not support CUDA in this process (it must run as 64 bits)")];
        CudaError error = api.GetDeviceCount(out int count);
        if (error != CudaError.CUDA_SUCCESS)
            return [AcceleratorInfo.None(Kind, $"the driver does not list devices: {api.GetErrorString(error)}")];
        if (count < 1)
            return [AcceleratorInfo.None(Kind, "the driver finds no device")];

        List<AcceleratorInfo> found = [.. CudaDevice.GetDevices(_ => true).Cast<CudaDevice>().Select(Describe)];
        if (found.Count < count)
        {
            found.Add(AcceleratorInfo.None(
                Kind, $"the driver counts {count} devices, of which {count - found.Count} could not be asked for their properties"));
        }

        return found;
    }

    private static string LibraryName =>
        OperatingSystem.IsWindows() ? CudaAPI.LibNameWindows : OperatingSystem.IsMacOS() ? CudaAPI.LibNameMacOS : CudaAPI.LibNameLinux;

    private static AcceleratorInfo Describe(CudaDevice device)
    {
        string name = device.Architecture is { } architecture ? $"{device.Name} ({architecture})" : device.Name;
        return device.InstructionSet is null
            ? AcceleratorInfo.Rejected(Kind, name, device.MemorySize, $"ILGPU knows no PTX version that both this device and driver {device.DriverVersion} understand")
            : AcceleratorInfo.Usable(Kind, name, device.MemorySize, AcceleratorInfo.ByWarps);
    }

    // ILGPU drops the code that cuInit returns, which is the only thing that says why there is no device.
    private static unsafe string? Initialise(nint driver)
    {
        if (!NativeLibrary.TryGetExport(driver, "cuInit", out nint address))
            return "the library that loads as the CUDA driver has no function cuInit";
        var code = (CudaError)((delegate* unmanaged<uint, int>)address)(0);
        if (code == CudaError.CUDA_SUCCESS)
            return null;
        return code == CudaError.CUDA_ERROR_NO_DEVICE
            ? "the driver finds no device"
            : $"the driver does not start: {code} ({(int)code})";
    }
}
