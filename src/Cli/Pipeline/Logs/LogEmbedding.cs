using KernelPolicy.Cli.Display;
using KernelPolicy.Cli.Options;
using KernelPolicy.Data;
using KernelPolicy.Kernels;

namespace KernelPolicy.Cli.Pipeline;

/// <summary>Makes β for a log of decisions.</summary>
internal static class LogEmbedding
{
    // Θ, its moments and the best Θ have P² numbers each, and a step reads them.
    private const int MostOneHotItems = 4096;

    /// <summary>Whether there is a β for a log: with one feature an item, only for so many items.</summary>
    public static bool IsPossible(string kind, LoadedLog loaded) =>
        loaded.Source.ItemFeatures is not null || kind == LogContexts.Histories || loaded.Truth is not null
        || loaded.Log.ItemCount <= MostOneHotItems;

    /// <summary>β [P, L]: features of the items from a file; else for histories the SVD of the training rows' histories, and for
    /// features the true items of a synthetic log or one feature an item. Beside features padded to the wider of both.</summary>
    /// <param name="kind">What contexts are.</param>
    /// <param name="loaded">The log.</param>
    /// <param name="train">The decisions to train on.</param>
    /// <param name="choice">L and the power of singular values, for histories.</param>
    /// <param name="seed">Seed of the SVD.</param>
    /// <param name="team">Threads to use.</param>
    /// <param name="progress">Told how far it has come.</param>
    /// <param name="cancellation">Stops the work.</param>
    /// <returns>β, which the caller disposes.</returns>
    /// <exception cref="ArgumentException">There are too many items for one feature each.</exception>
    public static Matrix Make(
        string kind, LoadedLog loaded, BanditLog train, EmbeddingChoice choice, ulong seed, WorkerTeam team, IRunProgress progress,
        CancellationToken cancellation)
    {
        progress.Begin("item embeddings");
        (Matrix items, string what) = OfItems(kind, loaded, train, choice, seed, team, progress, cancellation);
        if (kind == LogContexts.Features)
        {
            int own = items.Columns;
            using Matrix unpadded = items;
            items = ContextPadding.Pad(unpadded, ContextPadding.CommonDimension(train.Features!, unpadded));
            what += $", {own} beside contexts of {train.Features!.Columns}";
        }

        progress.End($"{items.Columns} dimensions: {what}");
        return items;
    }

    private static (Matrix Items, string What) OfItems(
        string kind, LoadedLog loaded, BanditLog train, EmbeddingChoice choice, ulong seed, WorkerTeam team, IRunProgress progress,
        CancellationToken cancellation)
    {
        if (loaded.Source.ItemFeatures is { } file)
            return (ItemFeatures.Read(file, loaded.Log.ItemIds, null, cancellation).Values, "features of the items");
        if (kind == LogContexts.Histories)
            return (Decompose(train, choice, seed, team, progress, cancellation), "singular value decomposition of the histories");
        if (loaded.Truth is { } truth)
            return (ContextPadding.Pad(truth.Items, truth.Items.Columns), "the true features of the synthetic items");
        return IsPossible(kind, loaded)
            ? (ItemFeatures.OneHot(loaded.Log.ItemCount).Values, "one feature an item")
            : throw new ArgumentException(
                $"There are {loaded.Log.ItemCount:N0} items, and one feature for each is for {MostOneHotItems:N0} at most: give features of the items by --item-features.");
    }

    private static Matrix Decompose(
        BanditLog train, EmbeddingChoice choice, ulong seed, WorkerTeam team, IRunProgress progress, CancellationToken cancellation) =>
        TruncatedSvd.Compute(
            train.Histories!,
            train.ItemCount,
            new SvdOptions { Rank = choice.Dimension, SingularPower = choice.SingularPower, Seed = seed },
            team,
            new StageProgress<SvdProgress>(at => progress.Advance((double)at.Done / at.Total, "singular value decomposition")),
            cancellation).ItemFactors;
}
