using KernelPolicy.Cli.Display;
using KernelPolicy.Cli.Options;
using KernelPolicy.Data;

namespace KernelPolicy.Cli.Pipeline;

/// <summary>A log of decisions, with its truth where it is synthetic.</summary>
internal sealed class LoadedLog : IDisposable
{
    private LoadedLog(LogSource source, BanditLog log, SyntheticBandit? truth) => (Source, Log, Truth) = (source, log, truth);

    /// <summary>Where it comes from.</summary>
    public LogSource Source { get; }

    /// <summary>The decisions.</summary>
    public BanditLog Log { get; }

    /// <summary>What a synthetic log was drawn from; null for real data.</summary>
    public SyntheticBandit? Truth { get; }

    /// <summary>Reads or draws what the source says.</summary>
    /// <param name="source">Files, or none for the synthetic log.</param>
    /// <param name="items">Ids of the catalogue that the log must keep to [P]; null where the log says which there are.</param>
    /// <param name="seed">Names the draws of the synthetic log.</param>
    /// <param name="threads">Threads to read with.</param>
    /// <param name="progress">Told how far it has come.</param>
    /// <param name="cancellation">Stops the reading.</param>
    /// <exception cref="ArgumentException">The log has no propensities and none are to be fitted, or it has some and they
    /// are.</exception>
    public static LoadedLog Load(
        LogSource source, IReadOnlyList<string>? items, ulong seed, int threads, IRunProgress progress, CancellationToken cancellation)
    {
        LoadedLog loaded = source.IsSynthetic
            ? Draw(source, seed, progress)
            : new LoadedLog(source, Read(source, items, threads, progress, cancellation), null);
        try
        {
            cancellation.ThrowIfCancellationRequested();
            loaded.CheckPropensities();
            return loaded;
        }
        catch
        {
            loaded.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Log.Dispose();
        Truth?.Dispose();
    }

    private static LoadedLog Draw(LogSource source, ulong seed, IRunProgress progress)
    {
        progress.Begin("synthetic log");
        SyntheticBandit truth = SyntheticBandit.Create(SyntheticLog.Problem(seed));
        BanditLog log = truth.Draw(SyntheticLog.Decisions, seed).Log;
        progress.End(LogText.Kept(log.Report));
        return new LoadedLog(source, log, truth);
    }

    private static BanditLog Read(
        LogSource source, IReadOnlyList<string>? items, int threads, IRunProgress progress, CancellationToken cancellation)
    {
        progress.Begin("log");
        BanditLog log = BanditLogReader.Read(
            source.Files,
            source.Reading with { Items = items, Threads = threads },
            new StageProgress<LoadProgress>(at => progress.Advance(
                null, $"{at.RowsRead:N0} rows, file {at.FileNumber} of {at.Files}")),
            cancellation);
        progress.End(LogText.KeptAndLeftOut(log.Report));
        return log;
    }

    private void CheckPropensities()
    {
        if (!Log.HasPropensities && !Source.FitPropensities)
        {
            throw new ArgumentException(
                $"The log has no propensities ({Log.Report.Source}): name their column by --propensity-column, or fit them by --fit-propensities.");
        }

        if (Log.HasPropensities && Source.FitPropensities)
        {
            throw new ArgumentException(
                $"The log has propensities ({Log.Report.Source}): --fit-propensities is for one that has none.");
        }
    }
}
