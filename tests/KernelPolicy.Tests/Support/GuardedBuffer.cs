using System.Runtime.InteropServices;
using NUnit.Framework;

namespace KernelPolicy.Tests.Support;

/// <summary>
/// Memory between two pages that must not be touched: a read or write past either end stops the process at once. The
/// values lie against the page behind them (<see cref="Pointer"/> + length is its first byte), or, on demand, against
/// the page before them. Linux only; elsewhere the test that asks for one is ignored.
/// </summary>
internal sealed unsafe partial class GuardedBuffer : IDisposable
{
    private const int ReadWrite = 3;
    private const int PrivateAnonymous = 0x22;

    private readonly nint _base;
    private readonly nuint _mapped;

    /// <summary>A buffer of floats, zero at first.</summary>
    /// <param name="floats">Its length.</param>
    /// <param name="atStart">Whether to lie against the page before instead of the page behind.</param>
    public GuardedBuffer(int floats, bool atStart = false)
    {
        if (!OperatingSystem.IsLinux())
            Assert.Ignore("Guard pages are set up through Linux calls.");
        nuint page = (nuint)Environment.SystemPageSize;
        nuint bytes = (nuint)floats * sizeof(float);
        nuint inner = (bytes + page - 1) / page * page;
        _mapped = inner + (2 * page);
        _base = Map(0, _mapped, ReadWrite, PrivateAnonymous, -1, 0);
        if (_base == -1)
            throw new InvalidOperationException($"mmap failed with error {Marshal.GetLastPInvokeError()}.");
        Protect(_base, page, 0);
        Protect(_base + (nint)(page + inner), page, 0);
        Pointer = (float*)(_base + (nint)page + (atStart ? 0 : (nint)(inner - bytes)));
        Length = floats;
    }

    public float* Pointer { get; }

    public int Length { get; }

    public Span<float> Span => new(Pointer, Length);

    public void Dispose() => _ = Unmap(_base, _mapped);

    private static void Protect(nint address, nuint length, int access)
    {
        if (ChangeProtection(address, length, access) != 0)
            throw new InvalidOperationException($"mprotect failed with error {Marshal.GetLastPInvokeError()}.");
    }

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint Map(nint address, nuint length, int access, int flags, int file, long offset);

    [LibraryImport("libc", EntryPoint = "mprotect", SetLastError = true)]
    private static partial int ChangeProtection(nint address, nuint length, int access);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    private static partial int Unmap(nint address, nuint length);
}
