using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace KernelPolicy.Files;

/// <summary>Writes a folder's entries to the disk, so that a file renamed in it keeps its new name through a loss of power.</summary>
internal static partial class FolderFlush
{
    private const int ReadOnly = 0;

    /// <summary>Does so on systems whose folders can be opened; elsewhere the file system's journal sees to it.</summary>
    /// <returns>Whether it did.</returns>
    /// <remarks>Never fails: by now the file is whole and in its place, and the worst that a loss of power brings back is the old
    /// one, whole as well.</remarks>
    public static bool Run(string folder)
    {
        if (OperatingSystem.IsWindows())
            return false;
        try
        {
            // FileStream and File.OpenHandle refuse folders; everything but the opening is the framework's.
            using SafeFileHandle handle = new(Open(folder, ReadOnly), ownsHandle: true);
            if (handle.IsInvalid)
                return false;
            RandomAccess.FlushToDisk(handle);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or DllNotFoundException or EntryPointNotFoundException)
        {
            return false;
        }
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);
}
