using System.IO.Hashing;

namespace KernelPolicy.Hosting;

/// <summary>What tells one content of a bundle's file from another.</summary>
/// <param name="Exists">Whether there is a file.</param>
/// <param name="Length">Its bytes.</param>
/// <param name="Written">When it was last written, in UTC.</param>
/// <param name="Head">A checksum of its head. There a bundle has a checksum of each of its parts, so that this is one of the whole: a
/// copy of equal size that keeps the time of the old one is told from it.</param>
internal readonly record struct FileStamp(bool Exists, long Length, DateTime Written, ulong Head)
{
    // As long as the longest head of any bundle, with 256 parts.
    private const int HeadBytes = 1 << 14;

    /// <summary>The stamp of a file as it is now.</summary>
    public static FileStamp Of(string path)
    {
        FileInfo file = new(path);
        return file.Exists ? new FileStamp(true, file.Length, file.LastWriteTimeUtc, HeadOf(path)) : default;
    }

    /// <summary>Zero where it cannot be read; whoever opens the file will say why.</summary>
    private static ulong HeadOf(string path)
    {
        try
        {
            // A writer may replace or remove it meanwhile, which is not to fail for us.
            using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            Span<byte> head = stackalloc byte[HeadBytes];
            return XxHash3.HashToUInt64(head[..file.ReadAtLeast(head, HeadBytes, throwOnEndOfStream: false)]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }
}
