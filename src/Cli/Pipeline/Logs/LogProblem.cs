using KernelPolicy.Cli.Display;
using KernelPolicy.Cli.Options;
using KernelPolicy.Data;
using KernelPolicy.Kernels;

namespace KernelPolicy.Cli.Pipeline;

/// <summary>A log made ready to train on: β, propensities, and the decisions in three parts.</summary>
internal sealed class LogProblem : IDisposable
{
    private LogProblem(string kind, Matrix items, LogPropensities propensities, LogPart train, LogPart validation, LogPart test)
    {
        (Kind, Items, Propensities) = (kind, items, propensities);
        (Train, Validation, Test) = (train, validation, test);
    }

    /// <summary>features or histories.</summary>
    public string Kind { get; }

    /// <summary>β [P, L].</summary>
    public Matrix Items { get; }

    /// <summary>Those of the whole log.</summary>
    public LogPropensities Propensities { get; }

    /// <summary>Decisions to train on.</summary>
    public LogPart Train { get; }

    /// <summary>Decisions to watch progress by; may be empty.</summary>
    public LogPart Validation { get; }

    /// <summary>Decisions to evaluate on; may be empty.</summary>
    public LogPart Test { get; }

    /// <summary>Divides the log, embeds its items, and fits propensities where it has none.</summary>
    public static LogProblem Make(
        LogRecipe recipe, EmbeddingChoice embedding, LoadedLog loaded, WorkerTeam team, IRunProgress progress,
        CancellationToken cancellation)
    {
        BanditLog log = loaded.Log;
        string kind = LogContexts.KindOf(loaded.Source, log);
        BanditSplit split = recipe.Split.Of(log, recipe.Seed);
        using BanditLog train = log.Take(split.Train);
        Matrix items = LogEmbedding.Make(kind, loaded, train, embedding, recipe.Seed, team, progress, cancellation);
        try
        {
            LogPropensities propensities = LogPropensities.Of(log, kind, items, recipe.Seed, team, progress, cancellation);
            return new LogProblem(kind, items, propensities, Part(split.Train), Part(split.Validation), Part(split.Test));

            LogPart Part(int[] rows) => LogPart.Take(log, rows, propensities, kind, items);
        }
        catch
        {
            items.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Test.Dispose();
        Validation.Dispose();
        Train.Dispose();
        Items.Dispose();
    }
}
