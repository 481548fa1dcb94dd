using System.Globalization;
using System.Net;
using System.Reflection;
using System.Text;
using KernelPolicy.Bench;
using KernelPolicy.Data;
using KernelPolicy.Distributed;
using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;

namespace KernelPolicy.ShardServing;

/// <summary>What is compared.</summary>
/// <param name="Items">P.</param>
/// <param name="Dimension">L.</param>
/// <param name="Shards">n.</param>
/// <param name="EfSearch">Candidates of every search.</param>
/// <param name="Requests">Requests that are timed.</param>
/// <param name="Deadline">The deadline where a shard is silent.</param>
internal sealed record ShardSettings(int Items, int Dimension, int Shards, int EfSearch, int Requests, TimeSpan Deadline);

/// <summary>One bundle, shards in this process, and shards over the loopback, asked the same.</summary>
internal sealed class ShardComparison(ShardSettings settings)
{
    private const int HistoryLength = 5;
    private const int Contexts = 1000;
    private const int N = 10;

    private readonly MarkdownTable _table = new("<", "recall@10", "p50", "p99", "p99.9", "a second", "bytes");

    /// <summary>Measures, and prints the table.</summary>
    public int Execute()
    {
        string folder = Directory.CreateTempSubdirectory("kernelpolicy-shard-serving-").FullName;
        try
        {
            using WorkerTeam team = new(Environment.ProcessorCount);
            using SyntheticWorkload workload = SyntheticWorkload.Create(settings.Items, settings.Dimension, Contexts, HistoryLength, 1, 1, team);
            (string bundle, IReadOnlyList<string> shards) = Save(folder, workload.Items, team);
            RequestSet requests = new(workload, N, team);
            Measure(bundle, shards, requests);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        StringBuilder text = new();
        foreach ((string name, string value) in VersionsText.Read(Assembly.GetExecutingAssembly()).Facts.Take(8))
            text.AppendLine(CultureInfo.InvariantCulture, $"{name}: {value}  ");
        text.AppendLine();
        text.AppendLine(
            CultureInfo.InvariantCulture,
            $"{settings.Items:N0} × {settings.Dimension} items, {settings.Shards} shards, efSearch {settings.EfSearch}, {N} to a request, "
            + $"{settings.Requests:N0} requests one after another; times in µs, bytes allocated by a request on all threads.");
        text.AppendLine();
        _table.WriteTo(text);
        Console.Write(text);
        return 0;
    }

    private (string Bundle, IReadOnlyList<string> Shards) Save(string folder, Matrix items, WorkerTeam team)
    {
        string path = Path.Combine(folder, "model.kpolicy");
        Matrix theta = new(settings.Dimension, settings.Dimension);
        for (int i = 0; i < settings.Dimension; i++)
            theta.Row(i)[i] = 1;

        // Not disposed of: the items are the workload's.
        SoftmaxPolicy policy = new(
            theta, items, [.. Enumerable.Range(0, settings.Items).Select(item => item.ToString(CultureInfo.InvariantCulture))], new Dictionary<string, string>());
        HnswOptions options = new() { EfSearch = settings.EfSearch };
        using (HnswIndex index = HnswIndex.Build(items, options, team))
            ServingBundle.Save(path, policy, index);
        return (path, ShardedBundle.Save(path, policy, settings.Shards, team, new ShardedBundleOptions { Index = options }));
    }

    private void Measure(string bundle, IReadOnlyList<string> paths, RequestSet requests)
    {
        ShardedRecommenderOptions patient = new() { Deadline = TimeSpan.FromSeconds(10) };
        using (Recommender one = Recommender.Open(bundle))
        {
            Add("one bundle, on the thread that asks", requests, (context, items, scores) => one.Recommend(context, items, scores));
            using ShardedRecommender alone = new([new LocalShard(one, 1, ownsRecommender: false)], patient);
            Add("one shard, on a thread of its own", requests, (context, items, scores) => alone.Recommend(context, items, scores).Found);
        }

        using ShardedRecommender local = new([.. paths.Select(path => LocalShard.Open(path, 1))], patient);
        Add($"{paths.Count} shards in the process", requests, (context, items, scores) => local.Recommend(context, items, scores).Found);

        ShardServer[] servers = [.. paths.Select(path => new ShardServer(LocalShard.Open(path, 1), new IPEndPoint(IPAddress.Loopback, 0)))];
        string[] addresses = [.. servers.Select(server => $"{server.Address}")];
        using (ShardedRecommender remote = new(ShardClient.ConnectAll(addresses), patient))
        {
            Add($"{paths.Count} shards by TCP", requests, (context, items, scores) => remote.Recommend(context, items, scores).Found);
            Add($"{paths.Count} shards by TCP, to a history", requests, (history, items, scores) => remote.RecommendTo(history, items, scores).Found);
        }

        IShard[] shards = [.. ShardClient.ConnectAll(addresses)];
        shards[^1] = new SilentShard(shards[^1]);
        using (ShardedRecommender partial = new(shards, new ShardedRecommenderOptions { Deadline = settings.Deadline }))
        {
            Add(
                $"the same, one silent, deadline {settings.Deadline.TotalMilliseconds:0.#} ms", requests,
                (context, items, scores) => partial.Recommend(context, items, scores).Found, Math.Min(settings.Requests, 1000));
        }

        foreach (ShardServer server in servers)
            server.Dispose();
    }

    private void Add(string name, RequestSet requests, ContextRequest ask, int? count = null) =>
        Add(name, requests.RecallOf(ask), requests.Time(ask, count ?? settings.Requests));

    private void Add(string name, RequestSet requests, HistoryRequest ask) =>
        Add(name, requests.RecallOf(ask), requests.Time(ask, settings.Requests));

    private void Add(string name, double recall, RequestTimes times)
    {
        Console.Error.WriteLine($"{name}: {times.At(0.5):0.0} µs");
        _table.Add(
        name, MarkdownTable.Number(recall), MarkdownTable.Number(times.At(0.5)), MarkdownTable.Number(times.At(0.99)), MarkdownTable.Number(times.At(0.999)),
        MarkdownTable.Whole((long)times.PerSecond), MarkdownTable.Number(times.Bytes));
    }

    /// <summary>A shard that never answers.</summary>
    private sealed class SilentShard(IShard shard) : IShard
    {
        public ShardPlace Place => shard.Place;

        public void Start(ShardCall question)
        {
        }

        public void Dispose() => shard.Dispose();
    }
}
