using KernelPolicy.Kernels;

namespace KernelPolicy.Index;

/// <summary>An index that measures its recall on given queries and acts where it is below a bound.</summary>
public interface ICheckedIndex : IMipsIndex
{
    /// <summary>How it searches at present.</summary>
    GuardState State { get; }

    /// <summary>Measures recall on some queries and acts where the mean of the mass-weighted recall is below the bound.</summary>
    /// <param name="queries">Queries [≥ count, L].</param>
    /// <param name="count">How many of them to ask, at least 1.</param>
    /// <param name="k">K, items to ask for, 1 to P: as many as are asked for in earnest.</param>
    /// <param name="bound">The least mass-weighted recall, 0 to 1; at 0 it measures and does nothing else.</param>
    /// <param name="team">Threads to search with.</param>
    /// <returns>What was measured and done.</returns>
    /// <exception cref="ArgumentException">A number is out of range, or a shape does not fit.</exception>
    RecallCheck Check(Matrix queries, int count, int k, double bound, WorkerTeam team);

    /// <summary>Searches from now on as at first.</summary>
    void Reset();

    /// <summary>Searches from now on as another of the same graph did.</summary>
    /// <exception cref="ArgumentOutOfRangeException">ef is outside its range.</exception>
    void Restore(GuardState state);
}
