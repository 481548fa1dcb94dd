using KernelPolicy.Kernels;

namespace KernelPolicy.Index;

/// <summary>
/// Maximum inner product search: for a query h [L], the K items with the largest h·β_a.
/// </summary>
/// <remarks>
/// Ties go to the smaller item number. Implementations are immutable once built, but for an
/// <see cref="ICheckedIndex"/>, which changes between searches and never within one: any number of threads may search at
/// once, each with a result of its own.
/// </remarks>
public interface IMipsIndex : IDisposable
{
    /// <summary>What the index is, for logs and results: "exact", "hnsw".</summary>
    string Kind { get; }

    /// <summary>The index with all its parameters: two indexes with the same description over the same items find the
    /// same.</summary>
    string Description { get; }

    /// <summary>The items β [P, L] that the index searches; it does not own them.</summary>
    Matrix Items { get; }

    /// <summary>Bytes that the index holds beside the items.</summary>
    long Bytes { get; }

    /// <summary>Finds the top K of every query.</summary>
    /// <param name="queries">Queries H [≥ count, L].</param>
    /// <param name="count">How many rows of <paramref name="queries"/> to search.</param>
    /// <param name="k">K, 1 to P.</param>
    /// <param name="result">Receives up to K items a query, best first; overwritten.</param>
    /// <param name="team">Threads to search with.</param>
    /// <param name="filter">Which items may be found; all where null. Where it allows fewer than K, all that it allows are
    /// found.</param>
    /// <exception cref="ArgumentException">A shape does not fit, or the filter is over another number of items.</exception>
    void Search(Matrix queries, int count, int k, TopK result, WorkerTeam team, ItemFilter? filter = null);
}
