using KernelPolicy.Policy;
using Microsoft.AspNetCore.Http.HttpResults;

namespace RecommendationService;

/// <summary>From a request to an answer, with one recommender from its start to its end.</summary>
internal static class Answers
{
    /// <summary>Items that are recommended where nobody says how many.</summary>
    public const int DefaultCount = 10;

    private const int MostItems = 1000;

    /// <summary>Recommends to a history of ids with commas between; its own items are left out.</summary>
    public static Results<Ok<Answer>, BadRequest<Fault>> ToHistory(RecommenderHost host, string history, int count)
    {
        using RecommenderLease lease = host.Acquire();
        Recommender recommender = lease.Recommender;
        List<int> known = [];
        List<string> unknown = [];
        foreach (string id in history.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (recommender.TryFind(id, out int item))
                known.Add(item);
            else
                unknown.Add(id);
        }

        int[] numbers = [.. known];
        return Answered(recommender, count, unknown, (items, scores) =>
            recommender.RecommendTo(numbers, items, scores, new RecommendationScope { Excluded = numbers }));
    }

    /// <summary>Recommends to a context.</summary>
    public static Results<Ok<Answer>, BadRequest<Fault>> ToContext(RecommenderHost host, ContextRequest request)
    {
        using RecommenderLease lease = host.Acquire();
        Recommender recommender = lease.Recommender;
        return Answered(recommender, request.Count ?? DefaultCount, [], (items, scores) => recommender.Recommend(request.Context, items, scores));
    }

    private static Results<Ok<Answer>, BadRequest<Fault>> Answered(
        Recommender recommender, int count, List<string> unknown, Func<int[], float[], int> recommend)
    {
        if (count < 1 || count > MostItems)
            return TypedResults.BadRequest(new Fault($"count is {count}; it must be 1 to {MostItems}."));
        try
        {
            int[] items = new int[Math.Min(count, recommender.ItemCount)];
            float[] scores = new float[items.Length];
            int found = recommend(items, scores);
            return TypedResults.Ok(new Answer(
                [.. Enumerable.Range(0, found).Select(rank => new ScoredId(recommender.IdOf(items[rank]), scores[rank]))], [.. unknown]));
        }
        catch (ArgumentException e)
        {
            return TypedResults.BadRequest(new Fault(e.Message));
        }
    }
}
