namespace KernelPolicy.Kernels;

/// <summary>
/// The answer to a batch of searches: for each query the items found, best first, with their scores. Made once, used for
/// every batch.
/// </summary>
/// <remarks>Not thread-safe: one owner at a time.</remarks>
public sealed class TopK
{
    private readonly int[] _items;
    private readonly float[] _scores;
    private readonly int[] _found;

    /// <summary>Reserves room for <paramref name="queries"/> × <paramref name="k"/> answers.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A size is less than 1.</exception>
    public TopK(int queries, int k)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(queries, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        Queries = queries;
        Capacity = k;
        _items = new int[checked(queries * k)];
        _scores = new float[queries * k];
        _found = new int[queries];
    }

    /// <summary>Queries there is room for.</summary>
    public int Queries { get; }

    /// <summary>Items a query there is room for.</summary>
    public int Capacity { get; }

    /// <summary>Items found for one query, best first. Fewer than K where the index reached fewer.</summary>
    public ReadOnlySpan<int> Items(int query) => _items.AsSpan(query * Capacity, _found[query]);

    /// <summary>Scores h·β_a of the items found for one query, falling.</summary>
    public ReadOnlySpan<float> Scores(int query) => _scores.AsSpan(query * Capacity, _found[query]);

    /// <summary>Room for the items of one query [capacity], for an index to fill.</summary>
    public Span<int> ItemBuffer(int query) => _items.AsSpan(query * Capacity, Capacity);

    /// <summary>Room for the scores of one query [capacity], for an index to fill.</summary>
    public Span<float> ScoreBuffer(int query) => _scores.AsSpan(query * Capacity, Capacity);

    /// <summary>Says how many answers an index wrote for one query.</summary>
    public void SetFound(int query, int found) => _found[query] = found;

    /// <summary>Stores the best <paramref name="k"/> of some scored items (<see cref="ScoredItem"/>) as the answer to one
    /// query, best first. The keys are rearranged.</summary>
    public void Store(int query, Span<ulong> keys, int k)
    {
        if (keys.Length > k)
        {
            ScoredItem.SelectLargest(keys, k);
            keys = keys[..k];
        }

        KeySelection.SortFalling(keys);
        int first = query * Capacity;
        for (int i = 0; i < keys.Length; i++)
        {
            ulong key = keys[i];
            _items[first + i] = ScoredItem.Item(key);
            _scores[first + i] = ScoredItem.Score(key);
        }

        _found[query] = keys.Length;
    }

    /// <summary>Throws where a search for <paramref name="k"/> items of <paramref name="count"/> queries does not fit the
    /// items, the queries or this result.</summary>
    /// <exception cref="ArgumentException">A shape does not fit.</exception>
    public void Check(Matrix items, Matrix queries, int count, int k)
    {
        ArgumentNullException.ThrowIfNull(items);
        ArgumentNullException.ThrowIfNull(queries);
        if (queries.Columns != items.Columns)
            throw new ArgumentException($"Queries have {queries.Columns} dimensions, items {items.Columns}.", nameof(queries));
        if (count < 0 || count > queries.Rows || count > Queries)
            throw new ArgumentOutOfRangeException(nameof(count), count, $"It must lie in 0 to {Math.Min(queries.Rows, Queries)}.");
        if (k < 1 || k > items.Rows || k > Capacity)
            throw new ArgumentOutOfRangeException(nameof(k), k, $"K must lie in 1 to {Math.Min(items.Rows, Capacity)}.");
    }
}
