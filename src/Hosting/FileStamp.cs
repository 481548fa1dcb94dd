namespace KernelPolicy.Hosting;

/// <summary>What tells one content of a file from another: a copy of equal size that keeps the time of the old one is not told.</summary>
internal readonly record struct FileStamp(bool Exists, long Length, DateTime Written)
{
    /// <summary>The stamp of a file as it is now.</summary>
    public static FileStamp Of(string path)
    {
        FileInfo file = new(path);
        return file.Exists ? new FileStamp(true, file.Length, file.LastWriteTimeUtc) : default;
    }
}
