using KernelPolicy.Kernels;

namespace KernelPolicy.IndexComparison.Measuring;

/// <summary>Share of the exact top K that was found, by item number, averaged over queries.</summary>
internal static class Recall
{
    /// <summary>Compares.</summary>
    /// <param name="found">What an index found.</param>
    /// <param name="truth">Exact answers [count, truthK], best first.</param>
    /// <param name="truthK">Exact answers a query, at least K.</param>
    /// <param name="count">Queries.</param>
    /// <param name="k">K.</param>
    public static double Of(TopK found, int[] truth, int truthK, int count, int k)
    {
        long hits = 0;
        HashSet<int> exact = [];
        for (int query = 0; query < count; query++)
        {
            exact.Clear();
            foreach (int item in truth.AsSpan(query * truthK, k))
                exact.Add(item);
            foreach (int item in found.Items(query))
                hits += exact.Remove(item) ? 1 : 0;
        }

        return (double)hits / ((long)count * k);
    }
}
