using System.Globalization;
using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;

namespace KernelPolicy.Distributed;

/// <summary>How a policy is parted into bundles.</summary>
public sealed record ShardedBundleOptions
{
    /// <summary>How each shard's graph is built and searched; the defaults where null.</summary>
    public HnswOptions? Index { get; init; }

    /// <summary>What the bundles hold of their items.</summary>
    public BundleItems Items { get; init; }

    /// <summary>Told of a shard before its graph is built; null for nobody.</summary>
    public Action<ShardPlace>? OnShard { get; init; }

    /// <summary>Told how far a graph is; null for nobody.</summary>
    public IProgress<HnswProgress>? Progress { get; init; }
}

/// <summary>
/// A policy whose items lie in several .kpolicy files: each a bundle of its own over a range of the items, with its own graph, its
/// items' ids, and Θ and b whole.
/// </summary>
/// <remarks>Any one of them opens as an ordinary bundle (<see cref="ServingBundle.Open"/>), and recommends its own items, numbered
/// from 0.</remarks>
public static class ShardedBundle
{
    private const string Extension = ".kpolicy";

    /// <summary>The name of a shard's file: model.00-of-04.kpolicy for model.kpolicy.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such shard.</exception>
    public static string PathOf(string path, int shard, int shards)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        CheckShards(shards, ShardPlace.MostShards);
        if (shard < 0 || shard >= shards)
            throw new ArgumentOutOfRangeException(nameof(shard), shard, $"Of {shards} shards there are 0 to {shards - 1}.");
        string extension = Path.GetExtension(path) is { Length: > 0 } given ? given : Extension;
        return string.Create(CultureInfo.InvariantCulture, $"{Path.ChangeExtension(path, null)}.{shard:00}-of-{shards:00}{extension}");
    }

    /// <summary>Writes the shards one after another, each file whole or not at all. Beside the policy there is never more than one shard's
    /// graph in memory; β is not copied.</summary>
    /// <param name="path">What the files are called after (<see cref="PathOf"/>). Files of a set with another number of shards are left
    /// as they are.</param>
    /// <param name="policy">The policy.</param>
    /// <param name="shards">n, 1 to the smaller of <see cref="ShardPlace.MostShards"/> and P.</param>
    /// <param name="team">Threads to build the graphs with.</param>
    /// <param name="options">How; the defaults where null.</param>
    /// <param name="cancellation">Looked at several times a second.</param>
    /// <returns>The files, in the order of the shards.</returns>
    /// <exception cref="ArgumentException">n is out of range, or what <see cref="ServingBundle.Save"/> refuses.</exception>
    /// <exception cref="IOException">A file cannot be written: it is as it was; those before it are new, so that the set is mixed and
    /// refused until it is written again.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled; the same.</exception>
    public static IReadOnlyList<string> Save(
        string path, SoftmaxPolicy policy, int shards, WorkerTeam team, ShardedBundleOptions? options = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(team);
        options ??= new ShardedBundleOptions();
        CheckShards(shards, (int)Math.Min(ShardPlace.MostShards, policy.Items.Rows));
        CheckIds(policy);
        ShardPlace place = new(ShardSetHash.Of(policy, options.Items, shards), 0, shards, checked((int)policy.Items.Rows), policy.Items.Columns);
        List<string> paths = [];
        for (int shard = 0; shard < shards; shard++)
        {
            paths.Add(PathOf(path, shard, shards));
            options.OnShard?.Invoke(place.Other(shard));
            SaveOne(paths[^1], policy, place.Other(shard), team, options, cancellation);
        }

        return paths;
    }

    /// <summary>Opens all shards of a set, found by the name they were saved under.</summary>
    /// <param name="path">The name, or that of any shard's file.</param>
    /// <param name="verification">How much of each file is checked.</param>
    /// <returns>The bundles, in the order of the shards; the caller's to dispose.</returns>
    /// <exception cref="FileNotFoundException">There is no shard, or one is missing.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, the shards are of more than one set, or sets of several sizes lie
    /// there.</exception>
    public static IReadOnlyList<ServingBundle> Open(string path, BundleVerification verification = BundleVerification.Full)
    {
        List<ServingBundle> bundles = [];
        try
        {
            List<ShardPlace> places = [];
            IReadOnlyList<string> files = Find(path);
            foreach (string file in files)
            {
                bundles.Add(ServingBundle.Open(file, verification));
                try
                {
                    places.Add(ShardPlace.Of(bundles[^1]));
                }
                catch (InvalidDataException e)
                {
                    throw new InvalidDataException($"{file}: {e.Message}", e);
                }
            }

            ShardSet.Check(places, files);
            return bundles;
        }
        catch
        {
            bundles.ForEach(bundle => bundle.Dispose());
            throw;
        }
    }

    /// <summary>The files of a set, by the name they were saved under or that of any of them.</summary>
    /// <exception cref="FileNotFoundException">There is no shard, or one is missing.</exception>
    /// <exception cref="InvalidDataException">Sets of several sizes lie there.</exception>
    public static IReadOnlyList<string> Find(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        int given = Enumerable.Range(1, ShardPlace.MostShards).FirstOrDefault(n => IsShardOf(path, n));
        string name = given > 0 ? WithoutShard(path) : path;
        int[] sizes = given > 0
            ? [given]
            : [.. Enumerable.Range(1, ShardPlace.MostShards).Where(n => File.Exists(PathOf(name, 0, n)))];
        if (sizes.Length > 1)
            throw new InvalidDataException($"There are sets of {string.Join(" and ", sizes)} shards of {name}: name a file of the one that is meant.");
        if (sizes.Length == 0)
            throw new FileNotFoundException($"There is no shard of {name}, as {PathOf(name, 0, 2)} would be.", name);
        string[] paths = [.. Enumerable.Range(0, sizes[0]).Select(shard => PathOf(name, shard, sizes[0]))];
        return paths.FirstOrDefault(one => !File.Exists(one)) is { } missing
            ? throw new FileNotFoundException($"There is no {missing}, one of {sizes[0]} shards.", missing)
            : paths;
    }

    private static bool IsShardOf(string path, int shards) =>
        Enumerable.Range(0, shards).Any(shard => PathOf(WithoutShard(path), shard, shards) == path);

    // model.00-of-04.kpolicy → model.kpolicy
    private static string WithoutShard(string path) =>
        Path.ChangeExtension(Path.ChangeExtension(path, null), null) + Path.GetExtension(path);

    private static unsafe void SaveOne(
        string path, SoftmaxPolicy policy, ShardPlace place, WorkerTeam team, ShardedBundleOptions options, CancellationToken cancellation)
    {
        // A view: the policy owns the rows, and what is made of it here is not disposed of but for the graph.
        using Matrix items = new(policy.Items.RowPointer(place.First), place.Count, place.Dimension, new NoOwner());
        SoftmaxPolicy part = new(
            policy.Theta, items, [.. Enumerable.Range(place.First, place.Count).Select(item => policy.ItemIds[item])],
            place.AddTo(policy.Facts), policy.Bias);
        using HnswIndex index = HnswIndex.Build(items, options.Index, team, options.Progress, cancellation);
        ServingBundle.Save(path, part, index, options.Items);
        GC.KeepAlive(policy);
    }

    // A bundle checks its own; two shards may not have the same id either.
    private static void CheckIds(SoftmaxPolicy policy)
    {
        HashSet<string> seen = new(policy.ItemIds.Count, StringComparer.Ordinal);
        for (int item = 0; item < policy.ItemIds.Count; item++)
        {
            if (seen.Add(policy.ItemIds[item]))
                continue;
            int first = 0;
            while (policy.ItemIds[first] != policy.ItemIds[item])
                first++;
            throw new ArgumentException($"Items {first} and {item} have the same id '{policy.ItemIds[item]}'.", nameof(policy));
        }
    }

    private static void CheckShards(int shards, int most)
    {
        if (shards < 1 || shards > most)
            throw new ArgumentOutOfRangeException(nameof(shards), shards, $"The number of shards must lie in 1 to {most}.");
    }

    private sealed class NoOwner : IDisposable
    {
        public void Dispose()
        {
        }
    }
}
