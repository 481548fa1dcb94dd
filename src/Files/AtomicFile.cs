namespace KernelPolicy.Files;

/// <summary>Writes files so that a reader sees the old one or the whole new one, never a part.</summary>
/// <remarks>
/// <para>Thread safety: any number of threads and processes may write to one path at once; each reader sees one of their files
/// whole, and the last to end stays.</para>
/// <para>A process that is killed leaves the file that it wrote beside the target, "{target}.{16 hexadecimal digits}.tmp". The next
/// write to that target removes it, and takes away none that is still being written: see <see cref="TemporaryFile"/>.</para>
/// </remarks>
public static class AtomicFile
{
    /// <summary>Writes beside the target, flushes to the disk, then renames over it and flushes the folder. On any failure the
    /// file beside is removed and the target is as it was.</summary>
    /// <param name="path">The target; its folder is made where there is none.</param>
    /// <param name="write">Writes the content to the stream it is given.</param>
    /// <exception cref="ArgumentException">The path names no file.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It must not be.</exception>
    public static void Write(string path, Action<FileStream> write)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(write);
        string target = Path.GetFullPath(path);
        if (Path.GetFileName(target).Length == 0)
            throw new ArgumentException($"'{path}' names no file.", nameof(path));
        if (Directory.Exists(target))
            throw new IOException($"'{target}' cannot be written: it is a folder.");
        string folder = Path.GetDirectoryName(target)!;
        Directory.CreateDirectory(folder);
        using (TemporaryFile beside = TemporaryFile.Beside(target))
        {
            // Before the content: what a killed save left may be what fills the disk.
            beside.RemoveAbandoned();
            beside.Write(write);
            beside.Replace();
        }

        FolderFlush.Run(folder);
    }
}
