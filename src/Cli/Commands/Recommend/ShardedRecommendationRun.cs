using KernelPolicy.Distributed;
using KernelPolicy.Policy;

namespace KernelPolicy.Cli.Commands;

/// <summary>Recommendations from shards to histories.</summary>
internal sealed class ShardedRecommendationRun(RecommendRequest request, CancellationToken cancellation)
{
    /// <summary>Reaches the shards, and asks them.</summary>
    /// <exception cref="IOException">None can be reached.</exception>
    /// <exception cref="InvalidDataException">There is no history, or one of which no shard that answers knows anything, or the shards are not of one
    /// set.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public RecommendReport Execute()
    {
        string[][] histories = request.ReadHistories();
        using ShardedRecommender recommender = Over(Reach());
        return new RecommendReport([.. histories.Select((history, i) => RecommendTo(recommender, history, i))]);
    }

    private ShardedRecommender Over(IReadOnlyList<IShard> shards)
    {
        try
        {
            return new ShardedRecommender(shards, new ShardedRecommenderOptions { Deadline = request.Deadline });
        }
        catch
        {
            foreach (IShard shard in shards)
                shard.Dispose();
            throw;
        }
    }

    private IReadOnlyList<IShard> Reach()
    {
        int files = request.Shards.Count(File.Exists);
        if (files == 0)
            return ShardClient.ConnectAll(request.Shards);
        if (files < request.Shards.Count)
        {
            throw new ArgumentException(
                $"--shards names {files} files among {request.Shards.Count}, and '{request.Shards.First(one => !File.Exists(one))}' is none: "
                + "give addresses only, or files only.");
        }

        RecommenderOptions options = new() { EfSearch = request.Index.EfSearchIsGiven ? request.Index.EfSearch : null };
        List<IShard> shards = [];
        try
        {
            foreach (string path in request.Shards)
            {
                cancellation.ThrowIfCancellationRequested();
                shards.Add(LocalShard.Open(path, request.Threads, options));
            }

            return shards;
        }
        catch
        {
            shards.ForEach(shard => shard.Dispose());
            throw;
        }
    }

    /// <summary>Recommends to one history.</summary>
    /// <exception cref="InvalidDataException">No shard that answers knows anything of it.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    internal RecommendationList RecommendTo(ShardedRecommender recommender, string[] history, int position)
    {
        cancellation.ThrowIfCancellationRequested();
        string[] ids = [.. history.Distinct(StringComparer.Ordinal)];
        (int[] numbers, ulong missing) = Find(recommender, ids);
        int[] known = [.. numbers.Where(item => item >= 0).Order()];
        if (known.Length == 0)
        {
            throw new InvalidDataException(
                $"The shards know none of the items of history {position + 1}: {string.Join(' ', history.Take(5))}."
                + (missing == 0 ? "" : " Not all of them have answered."));
        }

        // So many more as a shard that has not said its numbers may bring back; all are unknown where all have answered.
        HashSet<string> unfound = [.. ids.Where((_, i) => numbers[i] < 0)];
        int more = request.IncludeHistory || missing == 0 ? 0 : unfound.Count;
        int[] items = new int[Math.Min(request.Count + more, recommender.ItemCount)];
        float[] scores = new float[items.Length];
        ShardedAnswer answer = recommender.RecommendTo(known, items, scores, new ShardedScope { Excluded = request.IncludeHistory ? [] : known });
        IReadOnlyList<string?> names = recommender.IdsOf(items.AsSpan(0, answer.Found));
        missing |= answer.MissingShards | answer.MissingHistory;

        // One whose shard answers no more is known by its number.
        IEnumerable<RecommendedItem> found = names.Select((name, rank) => new RecommendedItem(name ?? $"#{items[rank]}", scores[rank]));
        return new RecommendationList(
            [.. ids.Where((_, i) => numbers[i] >= 0)],
            [.. ids.Where(unfound.Contains)],
            [.. found.Where(item => request.IncludeHistory || !unfound.Contains(item.Id)).Take(request.Count)],
            [.. Enumerable.Range(0, recommender.ShardCount).Where(shard => ((missing >> shard) & 1) != 0)],
            answer.SearchedShare);
    }

    /// <summary>The numbers of ids, −1 for those that no shard which answers knows, and the shards that did not answer, though asked twice.</summary>
    private static (int[] Numbers, ulong Missing) Find(ShardedRecommender recommender, string[] ids)
    {
        int[] numbers = new int[ids.Length];
        ulong missing = recommender.Find(ids, numbers);
        int[] left = [.. Enumerable.Range(0, ids.Length).Where(i => numbers[i] < 0)];
        if (missing == 0 || left.Length == 0)
            return (numbers, 0);
        int[] again = new int[left.Length];
        missing &= recommender.Find([.. left.Select(i => ids[i])], again);
        for (int i = 0; i < left.Length; i++)
            numbers[left[i]] = again[i];
        return (numbers, missing);
    }
}
