using System.Net;
using KernelPolicy.Distributed;
using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;

namespace KernelPolicy.AotSmoke;

/// <summary>Compares what shards over the loopback recommend with what a policy in one does.</summary>
internal static class ShardCheck
{
    private const int Items = 2000;
    private const int Dimension = 24;
    private const int Shards = 3;
    private const int N = 10;

    /// <summary>Parts, serves, asks, compares; says what differs.</summary>
    public static bool Run()
    {
        string folder = Directory.CreateTempSubdirectory("kernelpolicy-aot-").FullName;
        List<ShardServer> servers = [];
        try
        {
            using WorkerTeam team = new(Environment.ProcessorCount);
            using SmokeBundle made = SmokeBundle.Make(Items, Dimension);
            string path = Path.Combine(folder, "smoke.kpolicy");
            made.Save(path);
            HnswOptions exact = new() { M = 16, Metric = HnswMetric.NormAugmented, EfSearch = Items };
            foreach (string shard in ShardedBundle.Save(path, made.Policy, Shards, team, new ShardedBundleOptions { Index = exact }))
                servers.Add(new ShardServer(LocalShard.Open(shard), new IPEndPoint(IPAddress.Loopback, 0)));
            using Recommender one = Recommender.Open(path, new RecommenderOptions { EfSearch = Items });
            using ShardedRecommender sharded = new(
                ShardClient.ConnectAll([.. servers.Select(server => $"{server.Address}")]),
                new ShardedRecommenderOptions { Deadline = TimeSpan.FromMinutes(1) });
            return IsRight(one, sharded);
        }
        finally
        {
            servers.ForEach(server => server.Dispose());
            Directory.Delete(folder, true);
        }
    }

    private static bool IsRight(Recommender one, ShardedRecommender sharded)
    {
        int[] expected = new int[N], found = new int[N];
        float[] expectedScores = new float[N], scores = new float[N];
        for (int item = 0; item < Items; item += 97)
        {
            one.RecommendTo([item], expected, expectedScores, new RecommendationScope { Excluded = [item] });
            ShardedAnswer answer = sharded.RecommendTo([item], found, scores, new ShardedScope { Excluded = [item] });
            if (answer.IsComplete && found.SequenceEqual(expected) && scores.SequenceEqual(expectedScores)
                && sharded.IdsOf(found)[0] == one.IdOf(expected[0]))
            {
                continue;
            }

            Console.Error.WriteLine($"History {item}: {string.Join(' ', found)} recommended, {string.Join(' ', expected)} expected; missing {answer.MissingShards}.");
            return false;
        }

        Console.WriteLine($"{Shards} shards by TCP as one bundle.");
        return true;
    }
}
