using KernelPolicy.Distributed;
using KernelPolicy.Index;
using KernelPolicy.Policy;
using KernelPolicy.Tests.Serving;

namespace KernelPolicy.Tests.Distributed;

/// <summary>A policy with an index that finds everything, and the same policy in shards whose graphs do.</summary>
internal sealed class ServingShardCase : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kernelpolicy-shards-");
    private readonly List<IDisposable> _opened = [];

    public ServingShardCase(
        int shards = 3, int items = 200, int dimension = 12, int seed = 1, (int Item, int Other)? twins = null, BundleItems holds = BundleItems.Vectors)
    {
        Whole = new ServingCase(items, dimension, seed: seed, twins: twins);
        Recommender = new Recommender(Whole.Policy, Whole.Index);
        Paths = ShardedBundle.Save(
            PathOf("model.kpolicy"), Whole.Policy, shards, Whole.Team,
            new ShardedBundleOptions { Index = new HnswOptions { M = 8, EfSearch = items }, Items = holds });
    }

    /// <summary>The policy in one.</summary>
    public ServingCase Whole { get; }

    /// <summary>What recommends from all items.</summary>
    public Recommender Recommender { get; }

    public IReadOnlyList<string> Paths { get; }

    public string PathOf(string name) => Path.Combine(_folder.FullName, name);

    /// <summary>The shards in this process, with a thread each.</summary>
    public LocalShard[] Open() => [.. Paths.Select(path => Opened(LocalShard.Open(path, threads: 1)))];

    /// <summary>Has something disposed of with the case.</summary>
    public T Opened<T>(T one)
        where T : IDisposable
    {
        _opened.Add(one);
        return one;
    }

    /// <summary>A recommender over shards that waits as long as a test may take.</summary>
    public ShardedRecommender Over(params IShard[] shards) => Opened(new ShardedRecommender(
        shards, new ShardedRecommenderOptions { Deadline = TimeSpan.FromMinutes(1) }, ownsShards: false));

    /// <summary>The answer of one recommender over all items.</summary>
    public (int[] Items, float[] Scores) Expected(ReadOnlySpan<float> context, int n, params int[] excluded)
    {
        int[] items = new int[n];
        float[] scores = new float[n];
        int found = Recommender.Recommend(context, items, scores, new RecommendationScope { Excluded = excluded });
        return (items[..found], scores[..found]);
    }

    public void Dispose()
    {
        _opened.Reverse();
        _opened.ForEach(one => one.Dispose());
        Recommender.Dispose();
        Whole.Dispose();
        _folder.Delete(recursive: true);
    }
}

/// <summary>A shard whose answers are held back by a gate.</summary>
internal sealed class GatedShard(IShard shard) : IShard
{
    private readonly Queue<ShardCall> _held = new();
    private bool _isShut;

    public ShardPlace Place => shard.Place;

    /// <summary>Calls behind the gate.</summary>
    public int Held
    {
        get
        {
            lock (_held)
                return _held.Count;
        }
    }

    public void Start(ShardCall question)
    {
        lock (_held)
        {
            if (_isShut)
            {
                _held.Enqueue(question);
                return;
            }
        }

        shard.Start(question);
    }

    public void Shut()
    {
        lock (_held)
            _isShut = true;
    }

    /// <summary>Opens the gate, and answers what was held with what would win every merge.</summary>
    public void OpenWithPoison()
    {
        ShardCall[] held;
        lock (_held)
        {
            _isShut = false;
            held = [.. _held];
            _held.Clear();
        }

        foreach (ShardCall call in held)
        {
            call.FoundItems.Clear();
            call.FoundScores.Fill(1e30f);
            call.Context.Fill(1e30f);
            call.Complete(call.Operation == ShardOperation.Search ? call.N : 0);
        }
    }

    public void Dispose()
    {
        OpenWithPoison();
        shard.Dispose();
    }
}
