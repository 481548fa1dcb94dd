using KernelPolicy.Index;
using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>
/// The policy π(a|x) ∝ exp(h(x)·β_a), h(x) = xΘ + b, with the names of its items: what is saved, and what recommends.
/// </summary>
/// <remarks>Owns its tables. Immutable; safe for concurrent reads.</remarks>
public sealed class SoftmaxPolicy : IDisposable
{
    private readonly Lazy<Dictionary<string, int>> _numbers;

    /// <summary>Puts a policy together; it takes over the tables.</summary>
    /// <param name="theta">Θ [L, L].</param>
    /// <param name="items">β [P, L].</param>
    /// <param name="itemIds">The items' own ids [P], all different.</param>
    /// <param name="facts">How it came to be: seed, estimator, rewards.</param>
    /// <param name="bias">b, one row [1, L]; null for none.</param>
    /// <exception cref="ArgumentException">The parts do not fit.</exception>
    public SoftmaxPolicy(
        Matrix theta, Matrix items, IReadOnlyList<string> itemIds, IReadOnlyDictionary<string, string> facts, Matrix? bias = null)
    {
        ArgumentNullException.ThrowIfNull(theta);
        ArgumentNullException.ThrowIfNull(items);
        ArgumentNullException.ThrowIfNull(itemIds);
        ArgumentNullException.ThrowIfNull(facts);
        if (theta.Rows != items.Columns || theta.Columns != items.Columns)
            throw new ArgumentException($"Θ is [{theta.Rows}, {theta.Columns}], items have {items.Columns} dimensions.", nameof(theta));
        if (itemIds.Count != items.Rows)
            throw new ArgumentException($"There are {items.Rows} items but {itemIds.Count} ids.", nameof(itemIds));
        Query = new QueryMap(theta, bias);
        Query.Validate();
        (Items, ItemIds, Facts) = (items, itemIds, facts);
        _numbers = new Lazy<Dictionary<string, int>>(NumberIds);
    }

    /// <summary>Θ [L, L].</summary>
    public Matrix Theta => Query.Theta;

    /// <summary>b, one row [1, L]; null for none.</summary>
    public Matrix? Bias => Query.Bias;

    /// <summary>How a context becomes a query: Θ and b.</summary>
    public QueryMap Query { get; }

    /// <summary>β [P, L].</summary>
    public Matrix Items { get; }

    /// <summary>The items' own ids [P].</summary>
    public IReadOnlyList<string> ItemIds { get; }

    /// <summary>How it came to be.</summary>
    public IReadOnlyDictionary<string, string> Facts { get; }

    /// <summary>The number of an item, by its id; false where the policy does not know it.</summary>
    public bool TryFind(string itemId, out int item) => _numbers.Value.TryGetValue(itemId, out item);

    /// <summary>The number of an item, by its id; false where the policy does not know it.</summary>
    public bool TryFind(ReadOnlySpan<char> itemId, out int item) =>
        _numbers.Value.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(itemId, out item);

    /// <summary>Recommends to histories: for each the N items with the largest score, the items of the history itself left
    /// out where asked.</summary>
    /// <param name="histories">Item numbers of each history.</param>
    /// <param name="count">N, at least 1; fewer come back where the catalogue ends.</param>
    /// <param name="excludeHistory">Whether items of the history are left out.</param>
    /// <param name="index">The index over <see cref="Items"/>.</param>
    /// <param name="team">Threads to use.</param>
    /// <exception cref="ArgumentException">A history names an item that there is not, or N is less than 1.</exception>
    public IReadOnlyList<IReadOnlyList<Recommendation>> Recommend(
        SparseRows histories, int count, bool excludeHistory, IMipsIndex index, WorkerTeam team)
    {
        ArgumentNullException.ThrowIfNull(histories);
        ArgumentNullException.ThrowIfNull(index);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        int longest = 0;
        for (int row = 0; row < histories.Count; row++)
            longest = Math.Max(longest, histories[row].Length);
        int searched = (int)Math.Min(Items.Rows, (long)count + (excludeHistory ? longest : 0));
        var problem = new TrainingProblem(
            Items, new HistoryContexts(histories, Items), new RewardFunction(histories.Count, (_, _) => 0));
        using var pass = new RecommendationPass(problem, searched, team);
        var all = new List<IReadOnlyList<Recommendation>>(histories.Count);
        for (int batch = 0; batch < pass.Batches; batch++)
        {
            ReadOnlySpan<int> contexts = pass.Run(batch, Query, index);
            for (int i = 0; i < contexts.Length; i++)
            {
                ReadOnlySpan<int> history = histories[contexts[i]], found = pass.Found.Items(i);
                var chosen = new List<Recommendation>(count);
                for (int rank = 0; rank < found.Length && chosen.Count < count; rank++)
                {
                    if (!excludeHistory || !history.Contains(found[rank]))
                        chosen.Add(new Recommendation(found[rank], ItemIds[found[rank]], pass.Found.Scores(i)[rank]));
                }

                all.Add(chosen);
            }
        }

        return all;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Theta.Dispose();
        Bias?.Dispose();
        Items.Dispose();
    }

    private Dictionary<string, int> NumberIds()
    {
        var numbers = new Dictionary<string, int>(ItemIds.Count, StringComparer.Ordinal);
        for (int item = 0; item < ItemIds.Count; item++)
            numbers[ItemIds[item]] = item;
        return numbers;
    }
}

/// <summary>A recommended item.</summary>
/// <param name="Item">Its number.</param>
/// <param name="Id">Its own id.</param>
/// <param name="Score">f = h·β.</param>
public readonly record struct Recommendation(int Item, string Id, float Score);
