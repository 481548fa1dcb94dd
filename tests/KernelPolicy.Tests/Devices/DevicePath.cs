using NUnit.Framework;
using NUnit.Framework.Internal;

namespace KernelPolicy.Tests.Devices;

/// <summary>Where the work of a test is done.</summary>
public enum DevicePath
{
    /// <summary>The SIMD kernels of the processor, which no device has to be opened for.</summary>
    Simd,

    /// <summary>ILGPU's emulator, working as a processor does: one thread a group, sixteen numbers a thread.</summary>
    EmulatedProcessor,

    /// <summary>ILGPU's emulator, working as a graphics processor does: two warps of eight a group, four numbers a thread,
    /// numbers exchanged within a warp.</summary>
    EmulatedGraphics,

    /// <summary>The first OpenCL device.</summary>
    OpenCl,

    /// <summary>The first CUDA device.</summary>
    Cuda,
}

/// <summary>The paths that one test source runs on, each with a category by which its tests can be counted: Simd, Emulator,
/// OpenCl, Cuda.</summary>
internal static class DevicePaths
{
    /// <summary>Every device.</summary>
    public static IEnumerable<TestFixtureData> Devices => All.Skip(1);

    /// <summary>Every device, and the SIMD kernels.</summary>
    public static IEnumerable<TestFixtureData> All => Enum.GetValues<DevicePath>().Select(Fixture);

    /// <summary>Whether it is emulated: a test there takes a thousand times as long, and has to be that much smaller.</summary>
    public static bool IsEmulated(this DevicePath path) => path is DevicePath.EmulatedProcessor or DevicePath.EmulatedGraphics;

    private static TestFixtureData Fixture(DevicePath path)
    {
        TestFixtureData data = new(path);
        data.Properties.Add(PropertyNames.Category, path.IsEmulated() ? "Emulator" : path.ToString());
        return data;
    }
}
