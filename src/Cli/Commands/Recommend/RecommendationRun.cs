using KernelPolicy.Cli.Display;
using KernelPolicy.Cli.Pipeline;
using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;

namespace KernelPolicy.Cli.Commands;

/// <summary>Recommendations from a policy to histories.</summary>
internal sealed class RecommendationRun(RecommendRequest request, IRunProgress progress, CancellationToken cancellation)
{
    /// <summary>Loads the policy and the histories, and recommends.</summary>
    /// <exception cref="InvalidDataException">There is no history, or one of which the policy knows nothing.</exception>
    public RecommendReport Execute()
    {
        using WorkerTeam team = new(request.Threads);
        using StoredPolicy stored = StoredPolicy.Load(request.Policy);
        SoftmaxPolicy policy = stored.Policy;
        if (request.Features.Count > 0)
            return ToFeatures(stored, team);
        if (stored.LogRecipe?.Encoding is { } encoding)
        {
            throw new ArgumentException(
                $"The policy's contexts are features: give one by --feature, with {string.Join(", ", encoding.Columns.Select(c => $"{c.Name}=VALUE"))}.");
        }

        string[][] histories = request.ReadHistories();
        int[][] numbers = [.. histories.Select((history, i) => Numbers(policy, history, i))];
        using IMipsIndex index = stored.Index(request.Index, team, progress, cancellation);
        IReadOnlyList<IReadOnlyList<Recommendation>> found = policy.Recommend(
            SparseRows.FromLists(numbers), request.Count, !request.IncludeHistory, index, team);
        return new RecommendReport([.. found.Select((list, i) => new RecommendationList(
            [.. histories[i].Where(id => policy.TryFind(id, out _))],
            [.. histories[i].Where(id => !policy.TryFind(id, out _))],
            [.. list.Select(item => new RecommendedItem(item.Id, item.Score))]))]);
    }

    /// <summary>The best items in one context of features: h = xΘ + b, and a search.</summary>
    private RecommendReport ToFeatures(StoredPolicy stored, WorkerTeam team)
    {
        SoftmaxPolicy policy = stored.Policy;
        LogRecipe recipe = stored.LogRecipe
            ?? throw new ArgumentException("The policy's contexts are histories: give one by --history.");
        List<string> unknown = [];
        float[] features = recipe.Encode(request.Features, unknown);
        using Matrix context = new(1, policy.Theta.Columns);
        features.CopyTo(context.Row(0));
        using Matrix query = new(1, policy.Theta.Columns);
        policy.Query.Project(new Projection(), context, query, 1, team);
        using IMipsIndex index = stored.Index(request.Index, team, progress, cancellation);
        int count = Math.Min(request.Count, policy.ItemIds.Count);
        TopK found = new(1, count);
        index.Search(query, 1, count, found, team);
        float[] scores = found.Scores(0).ToArray();
        return new RecommendReport(
        [
            new RecommendationList(
                [.. request.Features.Select(f => $"{f.Key}={f.Value}").Except(unknown)],
                unknown,
                [.. found.Items(0).ToArray().Select((item, i) => new RecommendedItem(policy.ItemIds[item], scores[i]))]),
        ]);
    }

    private static int[] Numbers(SoftmaxPolicy policy, string[] history, int position)
    {
        SortedSet<int> numbers = [];
        foreach (string id in history)
        {
            if (policy.TryFind(id, out int item))
                numbers.Add(item);
        }

        // Without a history every item has the same score, and a list of the first few would look like advice.
        return numbers.Count > 0
            ? [.. numbers]
            : throw new InvalidDataException(
                $"The policy knows none of the items of history {position + 1}: {string.Join(' ', history.Take(5))}. "
                + $"Its items have ids such as {string.Join(' ', policy.ItemIds.Take(3))}.");
    }
}
