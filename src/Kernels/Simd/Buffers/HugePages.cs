using System.Runtime.InteropServices;

namespace KernelPolicy.Kernels;

/// <summary>Asks the operating system to back a large table with huge pages, where it has such advice.</summary>
internal static unsafe partial class HugePages
{
    private const int MadviseHugePage = 14;

    /// <summary>Advice only: a system that refuses it, or is not Linux, serves ordinary pages.</summary>
    public static void Advise(void* address, long bytes)
    {
        if (!OperatingSystem.IsLinux())
            return;
        try
        {
            _ = Madvise(address, (nuint)bytes, MadviseHugePage);
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            // A libc without madvise: the table works all the same.
        }
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Madvise(void* address, nuint length, int advice);
}
