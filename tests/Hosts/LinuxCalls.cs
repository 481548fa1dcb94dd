using System.Runtime.InteropServices;

namespace KernelPolicy.Hosts;

/// <summary>The calls of Linux that a wire is made of.</summary>
internal static unsafe partial class LinuxCalls
{
    public const int ReadWrite = 2;
    public const int NonBlocking = 0x800;
    public const short Readable = 1;

    /// <summary>CLONE_NEWNET.</summary>
    public const int NetworkNamespace = 0x40000000;

    /// <summary>TUNSETIFF.</summary>
    public const nuint SetInterface = 0x400454ca;

    /// <summary>IFF_TAP | IFF_NO_PI: whole Ethernet frames, and nothing before them.</summary>
    public const short TapFrames = 0x0002 | 0x1000;

    public const int FirstInFirstOut = 1;
    public const int TimerSlack = 29;

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    public static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "close")]
    public static partial int Close(int file);

    [LibraryImport("libc", EntryPoint = "read")]
    public static partial nint Read(int file, byte* into, nint length);

    [LibraryImport("libc", EntryPoint = "write")]
    public static partial nint Write(int file, byte* from, nint length);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    public static partial int Control(int file, nuint request, void* argument);

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    public static partial int SetNamespace(int file, int kind);

    [LibraryImport("libc", EntryPoint = "ppoll")]
    public static partial int Poll(PollFile* files, nuint count, TimeSpec* longest, void* signals);

    [LibraryImport("libc", EntryPoint = "sched_setscheduler")]
    public static partial int SetScheduler(int thread, int policy, int* priority);

    [LibraryImport("libc", EntryPoint = "prctl")]
    public static partial int ProcessControl(int option, nuint a, nuint b, nuint c, nuint d);

    /// <summary>Fails by the system's own words where a call did.</summary>
    public static int Checked(int result, string what) =>
        result >= 0 ? result : throw new IOException($"{what}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}.");

    /// <summary>struct pollfd.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct PollFile
    {
        public int File;
        public short Wanted;
        public short Found;
    }

    /// <summary>struct timespec.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct TimeSpec
    {
        public nint Seconds;
        public nint Nanoseconds;
    }
}
