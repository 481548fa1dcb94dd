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
        InputFiles.Check(files);
        options ??= new InteractionOptions();
        options.Validate();
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
        InteractionFormat format = InputFiles.Format(files, options.Format, cancellationToken);
        using DuckSource duck = new(options.Threads, options.MemoryLimitMebibytes);
        if (format == InteractionFormat.Sessions)
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
        TableLayout[] layouts = [.. files.Select(file => format == InteractionFormat.Parquet
            ? TableLayout.OfParquet(file, duck.ParquetColumns(file).Names)
            : TableLayout.OfDelimited(
                file, format, options.Delimiter, options.Header, field => ColumnChoice.IsName(field, options)))];
        ColumnChoice[] columns = [.. layouts.Select(layout => ColumnChoice.Find(layout, options))];
        for (int i = 0; i < files.Count; i++)
        {
            Action report = Reporter(files, i, builder, progress);
            TableRows.Read(duck, layouts[i], columns[i], options.FilterValue, builder, report, cancellationToken);
            report();
        }

        return string.Join("; ", layouts.Select((layout, i) => columns[i].Describe(layout)).Distinct());
    }

    private static Action Reporter(
        IReadOnlyList<string> files, int index, InteractionBuilder builder, IProgress<LoadProgress>? progress) =>
        () => progress?.Report(new LoadProgress(files[index], index + 1, files.Count, builder.RowsRead));
}
