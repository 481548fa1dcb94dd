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
}
