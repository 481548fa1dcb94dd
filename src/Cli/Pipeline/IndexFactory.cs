using KernelPolicy.Cli.Display;
using KernelPolicy.Cli.Options;
using KernelPolicy.Index;
using KernelPolicy.Kernels;

namespace KernelPolicy.Cli.Pipeline;

/// <summary>Makes the index that was asked for.</summary>
internal static class IndexFactory
{
    // Below this size, scoring every item of a batch costs less than building a graph ever wins back.
    private const long LeastItemsForGraph = 100_000;

    /// <summary>Decides what auto means.</summary>
    /// <param name="choice">What was asked for.</param>
    /// <param name="items">P.</param>
    /// <param name="askedOften">Whether every training step asks the index, which repays the build.</param>
    public static bool IsGraph(IndexChoice choice, long items, bool askedOften) =>
        choice.Kind == "hnsw" || (choice.Kind == "auto" && askedOften && items >= LeastItemsForGraph);

    /// <summary>Builds the index.</summary>
    public static IMipsIndex Build(
        IndexChoice choice, Matrix items, bool askedOften, ulong seed, WorkerTeam team, IRunProgress progress, CancellationToken cancellation)
    {
        if (!IsGraph(choice, items.Rows, askedOften))
            return new ExactIndex(items);
        progress.Begin("index");
        HnswIndex index = HnswIndex.Build(
            items,
            Options(choice, seed),
            team,
            new StageProgress<HnswProgress>(at => progress.Advance(
                (double)at.Done / at.Total, $"{at.Done:N0} of {at.Total:N0} items")),
            cancellation);
        HnswReport report = index.Report;
        progress.End($"hnsw, {report.MeanLinks:0.0} links an item, {index.Bytes / (double)(1 << 20):N0} MiB");
        return index;
    }

    private static HnswOptions Options(IndexChoice choice, ulong seed) => new()
    {
        M = choice.M,
        EfConstruction = choice.EfConstruction,
        EfSearch = choice.EfSearch,
        Seed = seed,
    };
}
