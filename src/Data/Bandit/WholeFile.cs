namespace KernelPolicy.Data;

/// <summary>Writes files so that a reader sees the old one or the whole new one, never a part.</summary>
/// <remarks>The index has the same for its files; this project does not depend on it.</remarks>
internal static class WholeFile
{
    /// <summary>Writes beside the target, flushes to the disk, then renames over it. On any failure the file beside is
    /// removed and the target is as it was.</summary>
    /// <param name="path">The target.</param>
    /// <param name="write">Writes the content and leaves the stream open.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        string full = Path.GetFullPath(path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        string beside = $"{full}.{Environment.ProcessId}.tmp";
        try
        {
            using (FileStream stream = new(beside, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(beside, full, overwrite: true);
        }
        catch
        {
            File.Delete(beside);
            throw;
        }
    }
}
