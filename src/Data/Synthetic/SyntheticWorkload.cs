using KernelPolicy.Kernels;

namespace KernelPolicy.Data;

/// <summary>
/// A catalogue and contexts of any size for benchmarks, drawn directly and in parallel: clustered items with heavy-tailed
/// norms, histories and rewarded items from like clusters.
/// </summary>
/// <remarks>
/// <para>Popularity falls with an item's rank in its cluster, and so does its norm. Norms spread as those of VΣ on real
/// data do. Ranks are scattered over item numbers, so that popular items do not share cache lines.</para>
/// <para>Draws are named by (seed, item) and (seed, context): the same at any number of threads.</para>
/// <para>Owns the items: dispose it. Safe for concurrent reads.</para>
/// </remarks>
public sealed class SyntheticWorkload : IDisposable
{
    private SyntheticWorkload(Matrix items, SparseRows histories, SparseRows rewarded)
    {
        Items = items;
        Histories = histories;
        Rewarded = rewarded;
    }

    /// <summary>β [P, L].</summary>
    public Matrix Items { get; }

    /// <summary>X: one row a context, rising.</summary>
    public SparseRows Histories { get; }

    /// <summary>Y: one row a context, rising, none of them in X.</summary>
    public SparseRows Rewarded { get; }

    /// <summary>Draws a workload.</summary>
    /// <param name="items">P, at least 16 times the items of a context.</param>
    /// <param name="dimension">L, at least 1.</param>
    /// <param name="contexts">Number of contexts, at least 0.</param>
    /// <param name="historyLength">Items in each history, at least 1.</param>
    /// <param name="rewardedPerContext">Rewarded items of each context, at least 1.</param>
    /// <param name="seed">Names the draws.</param>
    /// <param name="team">Threads to work with.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is out of range.</exception>
    public static SyntheticWorkload Create(
        int items, int dimension, int contexts, int historyLength, int rewardedPerContext, ulong seed, WorkerTeam team)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dimension, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(contexts);
        ArgumentOutOfRangeException.ThrowIfLessThan(historyLength, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(rewardedPerContext, 1);
        ArgumentNullException.ThrowIfNull(team);
        long least = 16L * ((long)historyLength + rewardedPerContext);
        if (items < least)
        {
            throw new ArgumentOutOfRangeException(
                nameof(items), items, $"Contexts of {historyLength} + {rewardedPerContext} items need at least {least}.");
        }

        WorkloadItems catalogue = WorkloadItems.Create(items, dimension, seed, team);
        (SparseRows histories, SparseRows rewarded) = WorkloadContexts.Draw(
            catalogue, contexts, historyLength, rewardedPerContext, seed, team);
        return new SyntheticWorkload(catalogue.Factors, histories, rewarded);
    }

    /// <summary>Frees the items.</summary>
    public void Dispose() => Items.Dispose();
}
