using System.Diagnostics;

namespace KernelPolicy.Data;

/// <summary>Reads logged interactions from delimited text, Parquet or session files, plain or gzipped.</summary>
/// <remarks>
/// <para>Rows of several files are put together. Repeats of a (user, item) pair collapse; users and items below the
/// limits are left out until the limits hold for all that is left; users with one item are left out. All of it is
/// counted in the <see cref="LoadReport"/>. Any other fault in a file is an error, never a row silently skipped.</para>
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

        long start = Stopwatch.GetTimestamp();
        InteractionBuilder builder = new();
        string source = Passes(files, options, builder, progress, cancellationToken);
        Interactions result = builder.Build(
            options, new LoadReport { Files = files.Count, Source = source }, cancellationToken);
        LoadReport timed = result.Report with { Seconds = Stopwatch.GetElapsedTime(start).TotalSeconds };
        return new Interactions(result.UserItems, result.UserIds, result.ItemIds, timed);
    }

    private static string Passes(
        IReadOnlyList<string> files,
        InteractionOptions options,
        InteractionBuilder builder,
        IProgress<LoadProgress>? progress,
        CancellationToken cancellationToken)
    {
        InteractionFormat[] formats = [.. files.Select(file => FormatResolver.Resolve(file, options.Format))];
        if (formats.Any(f => f != formats[0]))
            throw new ArgumentException("The files are of different formats; give files of one format.", nameof(files));
        if (formats[0] == InteractionFormat.Sessions)
        {
            long line = 0;
            for (int i = 0; i < files.Count; i++)
                line = SessionLines.Read(files[i], line, builder, Reporter(files, i, builder, progress), cancellationToken);
            return "sessions, user = line";
        }

        using DuckSource duck = new(options);
        FileLayout[] layouts = [.. files.Select((file, i) => formats[i] == InteractionFormat.Parquet
            ? duck.LayoutOfParquet(file, options)
            : FileLayout.OfDelimited(file, formats[i], options))];
        for (int i = 0; i < files.Count; i++)
            duck.Read(layouts[i], options.FilterValue, builder, Reporter(files, i, builder, progress), cancellationToken);
        return string.Join("; ", layouts.Select(l => l.Describe()).Distinct());
    }

    private static Action Reporter(
        IReadOnlyList<string> files, int index, InteractionBuilder builder, IProgress<LoadProgress>? progress) =>
        () => progress?.Report(new LoadProgress(files[index], index + 1, files.Count, builder.RowsRead));
}
