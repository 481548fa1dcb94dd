using System.Runtime.InteropServices;
using NUnit.Framework;

namespace KernelPolicy.Tests.Support;

/// <summary>
/// Address space of any size whose pages exist only once they are written: tables of more than 2^31 floats for a few
/// kilobytes. Linux only; where it is refused, the test is ignored.
/// </summary>
internal sealed unsafe partial class SparseMemory : IDisposable
{
    private const int ReadWrite = 3;
    private const int PrivateAnonymousUnreserved = 0x4022;

    private readonly nint _address;
    private readonly nuint _bytes;

    public SparseMemory(long bytes)
    {
        if (!OperatingSystem.IsLinux())
            Assert.Ignore("Unreserved memory is set up through Linux calls.");
        _bytes = (nuint)bytes;
        _address = Map(0, _bytes, ReadWrite, PrivateAnonymousUnreserved, -1, 0);
        if (_address == -1)
            Assert.Ignore($"The system refuses {bytes >> 30} GiB of address space.");
    }

    public float* Pointer => (float*)_address;

    public void Dispose() => _ = Unmap(_address, _bytes);

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint Map(nint address, nuint length, int access, int flags, int file, long offset);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    private static partial int Unmap(nint address, nuint length);
}
