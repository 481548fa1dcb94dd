using System.Globalization;
using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;

namespace KernelPolicy.ClosedLoop;

/// <summary>Serve, log, train, replace; again and again.</summary>
internal sealed class Loop(LoopOptions options, WorkerTeam team)
{
    private readonly ExplorationOptions _exploration = new()
    {
        Kind = ExplorationKind.Softmax,
        Seed = (ulong)options.Seed,
        Temperature = options.Temperature,
    };

    /// <summary>The rounds, each as it ends.</summary>
    public IEnumerable<RoundReport> Run()
    {
        string folder = Directory.CreateTempSubdirectory("kernelpolicy-closed-loop-").FullName;
        try
        {
            using SimulatedWorld world = new(options);
            DecisionLog log = new(options.Dimension, options.Items);
            Random users = new(options.Seed + 1);
            using RecommenderHost host = new(Publish(folder, 1, LogTraining.Untrained(options), world.Items));
            for (int round = 1; round <= options.Rounds; round++)
            {
                if (round > 1)
                    host.Replace(Publish(folder, round, LogTraining.Train(log, world.Items, options, team), world.Items));
                yield return Serve(round, host, world, users, log);
            }
        }
        finally
        {
            Directory.Delete(folder, true);
        }
    }

    /// <summary>Policy and index in one file, opened: what is trained on one machine and served on others.</summary>
    private Recommender Publish(string folder, int round, Matrix theta, Matrix items)
    {
        string path = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"round-{round}.kpolicy"));
        string[] ids = [.. Enumerable.Range(0, (int)items.Rows).Select(item => item.ToString(CultureInfo.InvariantCulture))];
        Dictionary<string, string> facts = new() { ["round"] = round.ToString(CultureInfo.InvariantCulture) };
        using SoftmaxPolicy policy = new(theta, LogTraining.Copy(items), ids, facts);
        using HnswIndex index = HnswIndex.Build(policy.Items, null, team);
        ServingBundle.Save(path, policy, index);
        return Recommender.Open(path);
    }

    private RoundReport Serve(int round, RecommenderHost host, SimulatedWorld world, Random users, DecisionLog log)
    {
        float[] context = new float[options.Dimension];
        double[] rewards = new double[options.Items];
        ExploredItem[] slate = new ExploredItem[1];
        double reward = 0, random = 0, best = 0, error = 0;
        int misses = 0;
        for (int i = 0; i < options.Requests; i++)
        {
            SimulatedWorld.FillUser(users, context);
            world.FillRewards(context, rewards);
            using (RecommenderLease lease = host.Acquire())
            {
                ExplorationReport report = lease.Recommender.Explore(context, slate, _exploration, (ulong)log.Count);
                misses += report.NoMissSeen ? 0 : 1;
            }

            double chance = rewards[slate[0].Item];
            log.Add(context, slate[0], users.NextDouble() < chance);
            reward += chance;
            random += rewards.Average();
            best += rewards.Max();
            error += slate[0].RelativeStandardError;
        }

        int n = options.Requests;
        return new RoundReport(round, reward / n, random / n, best / n, error / n, misses);
    }
}
