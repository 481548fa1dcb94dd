using System.Reflection;
using System.Runtime.InteropServices;

namespace KernelPolicy.Kernels.Ilgpu;

/// <summary>The driver's shared library: whether it loads, and where it does not, why.</summary>
internal static class DriverLibrary
{
    /// <summary>Tries to load a library by the name that ILGPU asks for.</summary>
    /// <param name="name">Name without prefix and extension.</param>
    /// <param name="handle">The loaded library, to look functions up in.</param>
    /// <param name="reason">Why it does not load; null where it does.</param>
    public static bool TryLoad(string name, out nint handle, out string? reason)
    {
        Assembly ilgpu = typeof(ILGPU.Context).Assembly;
        if (NativeLibrary.TryLoad(name, ilgpu, searchPath: null, out handle))
        {
            reason = null;
            return true;
        }

        string file = FileName(name);
        // Linux distributions ship the plain name in development packages only; programs of one major version load ".1".
        reason = OperatingSystem.IsLinux() && NativeLibrary.TryLoad(file + ".1", out _)
            ? $"{file}.1 is installed, but ILGPU loads it by the name {file}: add that link (a -dev package brings it)"
            : $"{file} cannot be loaded: no driver is installed";
        return false;
    }

    private static string FileName(string name) =>
        OperatingSystem.IsWindows() ? $"{name}.dll" : OperatingSystem.IsMacOS() ? $"lib{name}.dylib" : $"lib{name}.so";
}
