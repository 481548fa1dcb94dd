using System.Globalization;
using KernelPolicy.Index;
using KernelPolicy.Kernels;

namespace KernelPolicy.EstimatorComparison.Problems;

/// <summary>Indexes by the end of the names that results have: ESTIMATOR for the exact scan, ESTIMATOR@hnsw-EF for a graph.</summary>
internal static class ComparedIndexes
{
    /// <summary>What stands before the index.</summary>
    public static string EstimatorOf(string name) => name.Split('@')[0];

    /// <summary>Builds the index that a name asks for; the caller disposes it.</summary>
    /// <exception cref="ArgumentException">There is none such.</exception>
    public static IMipsIndex Create(string name, Matrix items, ulong seed, WorkerTeam team)
    {
        string[] halves = name.Split('@');
        if (halves.Length == 1)
            return new ExactIndex(items);
        if (halves is [_, var index] && index.Split('-') is ["hnsw", var ef]
            && int.TryParse(ef, NumberStyles.None, CultureInfo.InvariantCulture, out int efSearch))
        {
            return HnswIndex.Build(items, new HnswOptions { EfSearch = efSearch, Seed = seed }, team);
        }

        throw new ArgumentException($"There is no index such as that of '{name}'; ESTIMATOR@hnsw-64 takes a graph with efSearch 64.");
    }
}
