namespace KernelPolicy.Data;

/// <summary>What holds for the files of every reader before the first row is read.</summary>
internal static class InputFiles
{
    /// <summary>Throws where no file is given or one does not exist.</summary>
    /// <exception cref="ArgumentException">No file is given.</exception>
    /// <exception cref="FileNotFoundException">A file does not exist.</exception>
    public static void Check(IReadOnlyList<string> files)
    {
        ArgumentNullException.ThrowIfNull(files);
        if (files.Count == 0)
            throw new ArgumentException("No file is given.", nameof(files));
        foreach (string file in files)
        {
            if (!File.Exists(file))
                throw new FileNotFoundException($"There is no file {file}.", file);
        }
    }

    /// <summary>The format that all files have; those that are gzipped are made sure to be whole.</summary>
    /// <exception cref="ArgumentException">A format cannot be told, or the files differ.</exception>
    /// <exception cref="InvalidDataException">A gzipped file is broken.</exception>
    public static InteractionFormat Format(
        IReadOnlyList<string> files, InteractionFormat asked, CancellationToken cancellationToken)
    {
        InteractionFormat[] formats = [.. files.Select(file => FormatResolver.Resolve(file, asked))];
        if (formats.Any(f => f != formats[0]))
            throw new ArgumentException("The files are of different formats; give files of one format.", nameof(files));
        foreach (string file in files.Where(FormatResolver.IsGzip))
            GzipCheck.Run(file, cancellationToken);
        return formats[0];
    }
}
