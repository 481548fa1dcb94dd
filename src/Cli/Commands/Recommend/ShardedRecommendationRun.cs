using KernelPolicy.Distributed;

namespace KernelPolicy.Cli.Commands;

/// <summary>Recommendations from shards to histories.</summary>
internal sealed class ShardedRecommendationRun(RecommendRequest request)
{
    /// <summary>Reaches the shards, and asks them.</summary>
    /// <exception cref="IOException">None can be reached.</exception>
    /// <exception cref="InvalidDataException">There is no history, or one of which no shard that answers knows anything, or the shards are not of one
    /// set.</exception>
    public RecommendReport Execute()
    {
        string[][] histories = request.ReadHistories();
        IReadOnlyList<IShard> shards = Reach();
        try
        {
            using ShardedRecommender recommender = new(
                shards, new ShardedRecommenderOptions { Deadline = request.Deadline }, ownsShards: false);
            return new RecommendReport([.. histories.Select((history, i) => RecommendTo(recommender, history, i))]);
        }
        finally
        {
            foreach (IShard shard in shards)
                shard.Dispose();
        }
    }

    private IReadOnlyList<IShard> Reach()
    {
        int files = request.Shards.Count(File.Exists);
        if (files == 0)
            return ShardClient.ConnectAll(request.Shards);
        if (files < request.Shards.Count)
            throw new ArgumentException($"--shards names {files} files among {request.Shards.Count}; give addresses only, or files only.");
        List<IShard> shards = [];
        try
        {
            foreach (string path in request.Shards)
                shards.Add(LocalShard.Open(path, request.Threads));
            return shards;
        }
        catch
        {
            shards.ForEach(shard => shard.Dispose());
            throw;
        }
    }

    private RecommendationList RecommendTo(ShardedRecommender recommender, string[] history, int position)
    {
        string[] ids = [.. history.Distinct(StringComparer.Ordinal)];
        int[] numbers = new int[ids.Length];
        ulong missing = recommender.Find(ids, numbers);
        int[] known = [.. numbers.Where(item => item >= 0).Order()];
        if (known.Length == 0)
        {
            throw new InvalidDataException(
                $"The shards know none of the items of history {position + 1}: {string.Join(' ', history.Take(5))}."
                + (missing == 0 ? "" : " Not all of them have answered."));
        }

        int[] items = new int[Math.Min(request.Count, recommender.ItemCount)];
        float[] scores = new float[items.Length];
        ShardedAnswer answer = recommender.RecommendTo(known, items, scores, new ShardedScope { Excluded = request.IncludeHistory ? [] : known });
        IReadOnlyList<string?> names = recommender.IdsOf(items.AsSpan(0, answer.Found));
        missing |= answer.MissingShards | answer.MissingHistory;
        return new RecommendationList(
            [.. ids.Where((_, i) => numbers[i] >= 0)],
            [.. ids.Where((_, i) => numbers[i] < 0)],

            // One whose shard answers no more is known by its number.
            [.. names.Select((name, rank) => new RecommendedItem(name ?? $"#{items[rank]}", scores[rank]))],
            [.. Enumerable.Range(0, recommender.ShardCount).Where(shard => ((missing >> shard) & 1) != 0)],
            answer.SearchedShare);
    }
}
