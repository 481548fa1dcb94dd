namespace KernelPolicy.Data;

/// <summary>Reads logged decisions from delimited text or Parquet, plain or gzipped.</summary>
/// <remarks>
/// <para>Rows keep the order of the files. Nothing is skipped but what the filter column turns away; any fault in a file is
/// an error that names file, line (of Parquet: row), column, value and what is allowed.</para>
/// <para>Two logs over the same items: the second read with the first one's <see cref="BanditLog.ItemIds"/> and
/// <see cref="BanditLog.Encoding"/> has the same item numbers and features. Files read together share both.</para>
/// <para>DuckDB parses; the result does not depend on its threads. Memory: DuckDB's buffers, 12 to 40 bytes a row, 4 bytes
/// a feature field while it reads, and X itself.</para>
/// <para>Thread safety: safe to call from any number of threads.</para>
/// </remarks>
public static class BanditLogReader
{
    /// <summary>Reads files into one log.</summary>
    /// <param name="files">Paths; each is one file, wildcards are not expanded.</param>
    /// <param name="options">What to take; the defaults where null.</param>
    /// <param name="progress">Told now and then how far it is.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>A log that the caller disposes.</returns>
    /// <exception cref="ArgumentException">No file is given, an option is out of range, a column asked for does not
    /// exist, or the options leave open how to read a file.</exception>
    /// <exception cref="FileNotFoundException">A file does not exist.</exception>
    /// <exception cref="InvalidDataException">A file is broken, a value is missing or out of range, or nothing is left
    /// after the filter.</exception>
    /// <exception cref="OperationCanceledException">The reading was cancelled.</exception>
    public static BanditLog Read(
        IReadOnlyList<string> files,
        BanditLogOptions? options = null,
        IProgress<LoadProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        InputFiles.Check(files);
        options = (options ?? new BanditLogOptions()).Resolved();
        options.Validate();
        cancellationToken.ThrowIfCancellationRequested();
        InteractionFormat format = InputFiles.Format(files, options.FileFormat, cancellationToken);
        if (format == InteractionFormat.Sessions)
            throw new ArgumentException("A file of sessions holds no decisions; give a table with columns.", nameof(files));
        using DuckSource duck = new(options.Threads, options.MemoryLimitMebibytes);
        TableLayout[] layouts = new TableLayout[files.Count];
        string[]?[] types = new string[]?[files.Count];
        for (int i = 0; i < files.Count; i++)
            (layouts[i], types[i]) = Layout(duck, files[i], format, options);

        // All columns first: a wrong option then shows before a long read, not after the first file.
        BanditColumns[] columns = Columns(layouts, options);
        BanditLogBuilder builder = new(options.Items, Features(layouts[0], columns[0], options));
        for (int i = 0; i < files.Count; i++)
        {
            int file = i;
            Action report = () =>
                progress?.Report(new LoadProgress(files[file], file + 1, files.Count, builder.RowsRead));
            new BanditRows(layouts[i], columns[i], options.FilterValue, builder)
                .Read(duck, types[i], report, cancellationToken);
            report();
        }

        string source = string.Join("; ", layouts.Select((layout, i) => columns[i].Describe(layout)).Distinct());
        return builder.Build(new BanditLogReport { Files = files.Count, Source = source });
    }

    private static (TableLayout Layout, string[]? Types) Layout(
        DuckSource duck, string file, InteractionFormat format, BanditLogOptions options)
    {
        if (format == InteractionFormat.Parquet)
        {
            (string[] names, string[] types) = duck.ParquetColumns(file);
            return (TableLayout.OfParquet(file, names), types);
        }

        TableLayout layout = TableLayout.OfDelimited(
            file, format, options.Delimiter, options.Header, field => BanditColumns.IsName(field, options));
        return (layout, null);
    }

    private static BanditColumns[] Columns(TableLayout[] layouts, BanditLogOptions options)
    {
        IReadOnlyList<string>? features = options.Encoding is { } encoding ? [.. encoding.Columns.Select(c => c.Name)] : null;
        BanditColumns[] columns = new BanditColumns[layouts.Length];
        for (int i = 0; i < layouts.Length; i++)
        {
            columns[i] = BanditColumns.Find(layouts[i], options, features);
            features ??= [.. columns[i].Features.Select(layouts[i].Column)];
            CheckAlike(layouts, columns, i);
        }

        return columns;
    }

    /// <summary>A log either has propensities, positions, times and histories throughout or not at all.</summary>
    private static void CheckAlike(TableLayout[] layouts, BanditColumns[] columns, int file)
    {
        static (bool, bool, bool, bool) Has(BanditColumns c) => (c.Propensity >= 0, c.Position >= 0, c.Time >= 0, c.History >= 0);
        if (Has(columns[file]) != Has(columns[0]))
        {
            throw new ArgumentException(
                $"{layouts[file].File} has other columns than {layouts[0].File}: {columns[file].Describe(layouts[file])}; "
                + $"{columns[0].Describe(layouts[0])}.",
                nameof(file));
        }
    }

    private static FeatureCollector? Features(TableLayout layout, BanditColumns columns, BanditLogOptions options)
    {
        if (columns.Features.Length == 0)
        {
            if (columns.History >= 0 && options.Encoding is null)
                return null;
            if (!(options.Encoding?.Intercept ?? options.Intercept))
            {
                throw new ArgumentException(
                    $"{layout.File}: no column is known to hold features or histories, and without the intercept there is "
                    + $"no context; name FeatureColumns or HistoryColumn. {ColumnNames.List(layout)}",
                    nameof(options));
            }
        }

        bool[] asked = [.. columns.Features.Select(c => ColumnPatterns.Includes(layout, c, options.CategoryColumns))];
        return new FeatureCollector(
            [.. columns.Features.Select(layout.Column)], asked, options.Encoding, options.Intercept, options.MaxCategories);
    }
}
