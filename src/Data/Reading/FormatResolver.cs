namespace KernelPolicy.Data;

/// <summary>Which format a file has, and whether it is gzipped.</summary>
internal static class FormatResolver
{
    /// <summary>The format asked for, or the one that the file's extension names.</summary>
    /// <exception cref="ArgumentException">The extension names none.</exception>
    public static InteractionFormat Resolve(string file, InteractionFormat asked)
    {
        if (asked != InteractionFormat.Auto)
            return asked;
        string name = Path.GetFileName(file);
        if (name.EndsWith(".gz", StringComparison.OrdinalIgnoreCase))
            name = name[..^3];
        return Path.GetExtension(name).ToLowerInvariant() switch
        {
            ".inter" => InteractionFormat.Inter,
            ".csv" => InteractionFormat.Csv,
            ".tsv" => InteractionFormat.Tsv,
            ".parquet" or ".pq" => InteractionFormat.Parquet,
            ".sessions" => InteractionFormat.Sessions,
            string extension => throw new ArgumentException(
                $"{file}: the extension \"{extension}\" does not say how the file is written. Give the format: "
                + "inter, csv, tsv, space, sessions or parquet.",
                nameof(file)),
        };
    }

    /// <summary>Whether the file starts as gzip does; its name is not asked, since names lie.</summary>
    public static bool IsGzip(string file)
    {
        using FileStream stream = File.OpenRead(file);
        return stream.ReadByte() == 0x1F && stream.ReadByte() == 0x8B;
    }

    /// <summary>Opens a plain or gzipped text file for reading.</summary>
    public static StreamReader OpenText(string file, bool gzip)
    {
        Stream stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
        if (gzip)
            stream = new System.IO.Compression.GZipStream(stream, System.IO.Compression.CompressionMode.Decompress);
        return new StreamReader(stream, new System.Text.UTF8Encoding(false, true), true, 1 << 16);
    }
}
