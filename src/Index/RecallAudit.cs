using KernelPolicy.Kernels;

namespace KernelPolicy.Index;

/// <summary>How much of the exact answer an index found.</summary>
/// <param name="Queries">Queries asked.</param>
/// <param name="K">Items asked of each.</param>
/// <param name="Recall">Share of the exact top K that was found, averaged over queries.</param>
/// <param name="MassRecall">The same with each item weighted by its softmax probability within the exact top K: what a
/// policy that samples from the answer loses.</param>
/// <param name="LowestMassRecall">The worst query's.</param>
/// <param name="BestFound">Share of queries whose best item was found.</param>
public readonly record struct RecallResult(
    int Queries, int K, double Recall, double MassRecall, double LowestMassRecall, double BestFound);

/// <summary>
/// Compares an index with an exact one on queries of the caller's choice. Reserves its memory once; an audit allocates
/// nothing, but for that of a live index, which makes an exact one for the time being.
/// </summary>
/// <remarks>
/// Weights are e^(f − max f), f being the exact scores. Items are compared by number: where scores tie at the end of the
/// top K, an index that found another of the tied items is charged a miss. Not thread-safe.
/// </remarks>
public sealed class RecallAudit
{
    private readonly TopK _exact;
    private readonly TopK _found;
    private readonly int[] _sorted;

    /// <summary>Reserves memory for audits of up to <paramref name="queries"/> queries and <paramref name="k"/> items
    /// each.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A size is less than 1.</exception>
    public RecallAudit(int queries, int k)
    {
        _exact = new TopK(queries, k);
        _found = new TopK(queries, k);
        _sorted = new int[k];
    }

    /// <summary>Recall of <paramref name="index"/> against <paramref name="exact"/>.</summary>
    /// <param name="index">The index under audit.</param>
    /// <param name="exact">An exact index over the same items.</param>
    /// <param name="queries">Queries [≥ count, L].</param>
    /// <param name="count">How many of them to ask, at least 1.</param>
    /// <param name="k">Items to ask for.</param>
    /// <param name="team">Threads to search with.</param>
    /// <exception cref="ArgumentException">A shape does not fit, or the two indexes are over different items.</exception>
    public RecallResult Measure(IMipsIndex index, IMipsIndex exact, Matrix queries, int count, int k, WorkerTeam team)
    {
        ArgumentNullException.ThrowIfNull(index);
        ArgumentNullException.ThrowIfNull(exact);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        if (!ReferenceEquals(index.Items, exact.Items))
            throw new ArgumentException("The exact index is over other items than the index under audit.", nameof(exact));
        exact.Search(queries, count, k, _exact, team);
        return MeasureAgain(index, queries, count, k, team);
    }

    /// <summary>Recall of a live index at one moment, among the items that are available then.</summary>
    /// <param name="index">The index under audit, at least one of whose items is available.</param>
    /// <param name="queries">Queries [≥ count, L].</param>
    /// <param name="count">How many of them to ask, at least 1.</param>
    /// <param name="k">Items to ask for, at most P; where fewer are available, all of these are compared.</param>
    /// <param name="team">Threads to search with.</param>
    /// <exception cref="ArgumentException">A shape does not fit, or no item is available.</exception>
    public RecallResult Measure(LiveSnapshot index, Matrix queries, int count, int k, WorkerTeam team)
    {
        ArgumentNullException.ThrowIfNull(index);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        if (index.CountAvailable == 0)
            throw new ArgumentException("No item is available: there is nothing to find.", nameof(index));
        using ExactIndex exact = new(index.Items);
        exact.Search(queries, count, k, _exact, team, index.Available);
        return MeasureAgain(index, queries, count, k, team);
    }

    /// <summary>Recall of another index on the queries of the last audit, whose exact answers are at hand.</summary>
    internal RecallResult MeasureAgain(IMipsIndex index, Matrix queries, int count, int k, WorkerTeam team)
    {
        index.Search(queries, count, k, _found, team);
        double hits = 0, mass = 0, lowest = 1, best = 0;
        for (int query = 0; query < count; query++)
        {
            (int queryHits, double queryMass, bool bestFound) = Compare(query);
            hits += (double)queryHits / _exact.Items(query).Length;
            mass += queryMass;
            lowest = Math.Min(lowest, queryMass);
            best += bestFound ? 1 : 0;
        }

        return new RecallResult(count, k, hits / count, mass / count, lowest, best / count);
    }

    private (int Hits, double Mass, bool Best) Compare(int query)
    {
        ReadOnlySpan<int> found = _found.Items(query);
        Span<int> sorted = _sorted.AsSpan(0, found.Length);
        found.CopyTo(sorted);
        sorted.Sort();
        ReadOnlySpan<int> items = _exact.Items(query);
        ReadOnlySpan<float> scores = _exact.Scores(query);
        int hits = 0;
        bool best = false;
        double all = 0, caught = 0;
        for (int i = 0; i < items.Length; i++)
        {
            double weight = Math.Exp((double)scores[i] - scores[0]);
            all += weight;
            if (sorted.BinarySearch(items[i]) < 0)
                continue;
            hits++;
            caught += weight;
            best |= i == 0;
        }

        return (hits, caught / all, best);
    }
}
