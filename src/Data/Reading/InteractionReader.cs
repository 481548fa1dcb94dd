namespace KernelPolicy.Data;

/// <summary>Reads logged interactions from delimited text, Parquet or session files, plain or gzipped.</summary>
/// <remarks>
/// <para>Rows of several files are put together. Repeats of a (user, item) pair collapse; users and items below the
/// limits are left out until the limits hold for all that is left; users with one item are left out. All of it is
/// counted in the <see cref="LoadReport"/>. Any other fault in a file is an error, never a row silently skipped.</para>
/// <para>A gzipped file is unpacked once before it is read, since one that ends early would otherwise pass for whole.
/// </para>
/// <para>DuckDB parses, with as many threads as the options allow; the result depends neither on their number nor on the
/// order of rows and files (sessions: their ids are line numbers). Memory: DuckDB's buffers, 8 bytes a row, and about
/// 100 bytes a distinct id.</para>
/// <para>Thread safety: safe to call from any number of threads.</para>
/// </remarks>
public static class InteractionReader
{
    /// <summary>Reads files into one set of interactions.</summary>
    /// <param name="files">Paths; each is one file, wildcards are not expanded.</param>
    /// <param name="options">What to take; the defaults where null.</param>
    /// <param name="progress">Told now and then how far it is.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="ArgumentException">No file is given, an option is out of range, a column asked for does not
    /// exist, or the options leave open how to read a file.</exception>
    /// <exception cref="FileNotFoundException">A file does not exist.</exception>
    /// <exception cref="InvalidDataException">A file is broken, a row has too few or too many fields or an empty id, or
    /// nothing is left after the filters.</exception>
    /// <exception cref="OperationCanceledException">The reading was cancelled.</exception>
    public static Interactions Read(
        IReadOnlyList<string> files,
        InteractionOptions? options = null,
        IProgress<LoadProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(files);
        options ??= new InteractionOptions();
        options.Validate();
        if (files.Count == 0)
            throw new ArgumentException("No file is given.", nameof(files));
        foreach (string file in files)
        {
            if (!File.Exists(file))
                throw new FileNotFoundException($"There is no file {file}.", file);
        }

        cancellationToken.ThrowIfCancellationRequested();
        InteractionBuilder builder = new();
        string source = ReadRows(files, options, builder, progress, cancellationToken);
        return builder.Build(options, new LoadReport { Files = files.Count, Source = source }, cancellationToken);
    }

    /// <summary>Passes all rows to the builder; says how they were read.</summary>
    private static string ReadRows(
        IReadOnlyList<string> files,
        InteractionOptions options,
        InteractionBuilder builder,
        IProgress<LoadProgress>? progress,
        CancellationToken cancellationToken)
    {
        InteractionFormat[] formats = [.. files.Select(file => FormatResolver.Resolve(file, options.Format))];
        if (formats.Any(f => f != formats[0]))
            throw new ArgumentException("The files are of different formats; give files of one format.", nameof(files));
        foreach (string file in files.Where(FormatResolver.IsGzip))
            GzipCheck.Run(file, cancellationToken);
        using DuckSource duck = new(options);
        if (formats[0] == InteractionFormat.Sessions)
        {
            long line = 0;
            for (int i = 0; i < files.Count; i++)
            {
                Action report = Reporter(files, i, builder, progress);
                line = SessionLines.Read(duck, files[i], line, builder, report, cancellationToken);
                report();
            }

            return "sessions, user = line";
        }

        // All layouts first: a wrong option then shows before a long read, not after the first file.
        FileLayout[] layouts = [.. files.Select((file, i) => formats[i] == InteractionFormat.Parquet
            ? FileLayout.OfParquet(file, duck.ParquetColumns(file), options)
            : FileLayout.OfDelimited(file, formats[i], options))];
        for (int i = 0; i < files.Count; i++)
        {
            Action report = Reporter(files, i, builder, progress);
            TableRows.Read(duck, layouts[i], options.FilterValue, builder, report, cancellationToken);
            report();
        }

        return string.Join("; ", layouts.Select(l => l.Describe()).Distinct());
    }

    private static Action Reporter(
        IReadOnlyList<string> files, int index, InteractionBuilder builder, IProgress<LoadProgress>? progress) =>
        () => progress?.Report(new LoadProgress(files[index], index + 1, files.Count, builder.RowsRead));
}
