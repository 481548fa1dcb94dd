using System.Diagnostics;
using KernelPolicy.Cli.Display;
using KernelPolicy.Cli.Pipeline;
using KernelPolicy.Distributed;
using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;

namespace KernelPolicy.Cli.Commands;

/// <summary>Puts a trained policy and its graph into one file for services, and opens it as they will.</summary>
internal sealed class BundleRun(BundleRequest request, IRunProgress progress, CancellationToken cancellation)
{
    /// <summary>The bundle's name where none is given.</summary>
    private const string DefaultName = "model.kpolicy";

    /// <summary>Writes the bundle and opens it.</summary>
    public BundleReport Execute()
    {
        string path = Write();
        progress.Begin("check");
        double full = Open(path, BundleVerification.Full), sizes = Open(path, BundleVerification.Sizes);
        using Recommender recommender = Recommender.Open(path);
        int[] items = new int[Math.Min(10, recommender.ItemCount)];
        recommender.RecommendTo([0], items, new float[items.Length]);
        progress.End($"opens in {full:0} ms, {sizes:0.0} ms without reading it through");
        using ServingBundle bundle = ServingBundle.Open(path, BundleVerification.Sizes);
        return new BundleReport(
            path, new FileInfo(path).Length, recommender.ItemCount, recommender.Dimension, bundle.Index.Options.EfSearch, full, sizes);
    }

    private string Write()
    {
        using WorkerTeam team = new(request.Threads);
        using StoredPolicy stored = StoredPolicy.Load(request.Policy);
        string path = Target(stored.Folder);
        using IMipsIndex index = stored.Index(request.Index, team, progress, cancellation);
        progress.Begin("bundle");
        ServingBundle.Save(path, stored.Policy, (HnswIndex)index, request.Items);
        progress.End(path);
        return path;
    }

    /// <summary>Writes the shards, and opens each.</summary>
    public ShardedBundleReport ExecuteSharded(int shards)
    {
        using WorkerTeam team = new(request.Threads);
        using StoredPolicy stored = StoredPolicy.Load(request.Policy);
        string stage = "";
        IReadOnlyList<string> paths = ShardedBundle.Save(
            Target(stored.Folder),
            stored.Policy,
            shards,
            team,
            new ShardedBundleOptions
            {
                Index = IndexFactory.Options(request.Index, stored.Recipe?.Seed ?? 1),
                Items = request.Items,
                OnShard = place =>
                {
                    End();
                    progress.Begin(stage = $"shard {place.Shard} of {place.Shards}");
                },
                Progress = new StageProgress<HnswProgress>(at => progress.Advance((double)at.Done / at.Total, $"{at.Done:N0} of {at.Total:N0} steps")),
            },
            cancellation);
        End();
        List<ShardReport> reports = [];
        ShardPlace? last = null;
        progress.Begin("check");
        foreach (string path in paths)
        {
            double milliseconds = Open(path, BundleVerification.Full);
            using ServingBundle bundle = ServingBundle.Open(path, BundleVerification.Sizes);
            last = ShardPlace.Of(bundle);
            reports.Add(new ShardReport(path, new FileInfo(path).Length, last.First, last.Count, milliseconds));
        }

        progress.End($"{paths.Count} files");
        return new ShardedBundleReport(last!.Set, last.Items, last.Dimension, reports);

        void End()
        {
            if (stage.Length > 0)
                progress.End("written");
        }
    }

    // Looked at before the minutes that a graph may take.
    private string Target(RunFolder folder)
    {
        string path = request.File ?? Path.Combine(folder.Root, DefaultName);
        if (Path.GetFileName(path).Length == 0 || Directory.Exists(path))
            throw new ArgumentException($"--out is '{path}'; it must name a file.");
        if (folder.Files.Any(file => Path.GetFullPath(file) == Path.GetFullPath(path)))
            throw new ArgumentException($"--out is '{path}', a file of the training itself; give the bundle another name.");
        return path;
    }

    private static double Open(string path, BundleVerification verification)
    {
        long start = Stopwatch.GetTimestamp();
        using ServingBundle bundle = ServingBundle.Open(path, verification);
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }
}
