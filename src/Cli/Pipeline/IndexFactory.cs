using KernelPolicy.Cli.Display;
using KernelPolicy.Cli.Options;
using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;

namespace KernelPolicy.Cli.Pipeline;

/// <summary>Makes the index that was asked for.</summary>
internal static class IndexFactory
{
    // On two cores with vectors of 512 bits, B = 32: the scan takes 8.5 ps a query for each number of β, the graph 0.4 µs for
    // each candidate and 5 µs beside. In numbers of β, then, that is what a candidate costs.
    private const long NumbersOverCandidate = 50_000;
    private const int CandidatesBeside = 12;

    private const int SampledContexts = 200;

    /// <summary>Decides what auto means.</summary>
    /// <param name="choice">What was asked for.</param>
    /// <param name="items">P.</param>
    /// <param name="dimension">L.</param>
    /// <param name="askedK">Items that every training step asks of the index, which repays a build; 0 where it is asked
    /// seldom.</param>
    public static bool IsGraph(IndexChoice choice, long items, int dimension, int askedK) =>
        choice.Kind == "hnsw" || (choice.Kind == "auto" && askedK > 0
            && items * dimension >= NumbersOverCandidate * (Math.Max(choice.EfSearch, askedK) + CandidatesBeside));

    /// <summary>Builds the index.</summary>
    /// <param name="choice">How a graph is to be built.</param>
    /// <param name="isGraph">Whether it is a graph, and not a scan.</param>
    /// <param name="items">β [P, L].</param>
    /// <param name="contexts">Contexts such as will ask, by which the graph's metric is chosen; null where unknown.</param>
    /// <param name="seed">Seed.</param>
    /// <param name="team">Threads to use.</param>
    /// <param name="progress">Told how far it has come.</param>
    /// <param name="cancellation">Stops the build.</param>
    public static IMipsIndex Build(
        IndexChoice choice, bool isGraph, Matrix items, IContextSource? contexts, ulong seed, WorkerTeam team, IRunProgress progress,
        CancellationToken cancellation)
    {
        using Matrix? queries = isGraph && contexts is not null ? Sample(contexts, contexts.Count) : null;
        return Build(choice, isGraph, items, queries, seed, team, progress, cancellation);
    }

    /// <summary>Builds the index, its metric chosen by queries that are at hand.</summary>
    /// <param name="choice">How a graph is to be built.</param>
    /// <param name="isGraph">Whether it is a graph, and not a scan.</param>
    /// <param name="items">β [P, L].</param>
    /// <param name="queries">Queries such as will ask; null where unknown.</param>
    /// <param name="seed">Seed.</param>
    /// <param name="team">Threads to use.</param>
    /// <param name="progress">Told how far it has come.</param>
    /// <param name="cancellation">Stops the build.</param>
    public static IMipsIndex Build(
        IndexChoice choice, bool isGraph, Matrix items, Matrix? queries, ulong seed, WorkerTeam team, IRunProgress progress,
        CancellationToken cancellation)
    {
        if (!isGraph)
            return new ExactIndex(items);
        progress.Begin("index");
        queries = queries is null || queries.Columns != items.Columns || queries.Rows == 0 ? null : queries;
        HnswIndex index = HnswIndex.Build(
            items,
            Options(choice, seed),
            queries,
            team,
            new StageProgress<HnswProgress>(at => progress.Advance(
                (double)at.Done / at.Total, $"{at.Done:N0} of {at.Total:N0} steps")),
            cancellation);
        HnswReport report = index.Report;
        string metric = report.Choice?.ToString() ?? $"{index.Options.Metric}";
        progress.End($"hnsw, {report.MeanLinks:0.0} links an item, {index.Bytes / (double)(1 << 20):N0} MiB; links by {metric}");
        return index;
    }

    /// <summary>Builds a graph over items that will move.</summary>
    /// <param name="choice">How it is to be built.</param>
    /// <param name="items">β [P, L].</param>
    /// <param name="seed">Seed.</param>
    /// <param name="team">Threads to use.</param>
    /// <param name="progress">Told when it begins and ends.</param>
    public static RebuildingIndex BuildMoving(IndexChoice choice, Matrix items, ulong seed, WorkerTeam team, IRunProgress progress)
    {
        progress.Begin("index");
        RebuildingIndex index = new(items, Options(choice, seed), team);
        progress.End($"hnsw, built anew as items move, {index.Bytes / (double)(1 << 20):N0} MiB");
        return index;
    }

    /// <summary>How many of so many contexts a sample has.</summary>
    public static int SampleSize(int contexts) => Math.Min(contexts, SampledContexts);

    /// <summary>Contexts from all over, as they are before training: h = x where Θ = I.</summary>
    /// <param name="contexts">The contexts.</param>
    /// <param name="among">The first so many of them.</param>
    public static Matrix Sample(IContextSource contexts, int among)
    {
        int count = SampleSize(among);
        Matrix sample = new(count, contexts.Dimension);
        for (int i = 0; i < count; i++)
            contexts.Fill((int)((long)i * among / count), sample, i);
        return sample;
    }

    /// <summary>How a graph is built, as asked for.</summary>
    public static HnswOptions Options(IndexChoice choice, ulong seed) => new()
    {
        Metric = choice.Metric,
        M = choice.M,
        EfConstruction = choice.EfConstruction,
        EfSearch = choice.EfSearch,
        Seed = seed,
    };
}
