using KernelPolicy.Index;
using KernelPolicy.Kernels;

namespace KernelPolicy.IndexComparison.Datasets;

/// <summary>The exact answers that every library is held to: our exact scan's, ties to the smaller item.</summary>
/// <param name="Items">[Q, K], best first.</param>
/// <param name="Tied10">Queries whose 10th and 11th scores are equal.</param>
/// <param name="TiedK">Queries whose K-th score equals the one after it.</param>
internal sealed record GroundTruth(int[] Items, int Tied10, int TiedK)
{
    /// <summary>Items kept for each query.</summary>
    public const int K = 256;

    private const int Batch = 64;

    /// <summary>Scans for every query.</summary>
    public static GroundTruth Scan(Matrix items, Matrix queries, WorkerTeam team)
    {
        using ExactIndex exact = new(items);
        using Matrix batch = new(Batch, items.Columns);
        TopK found = new(Batch, K + 1);
        int count = (int)queries.Rows, tied10 = 0, tiedK = 0;
        int[] truth = new int[count * K];
        for (int first = 0; first < count; first += Batch)
        {
            int size = Math.Min(Batch, count - first);
            for (int i = 0; i < size; i++)
                queries.Row(first + i).CopyTo(batch.Row(i));
            exact.Search(batch, size, K + 1, found, team);
            for (int i = 0; i < size; i++)
            {
                ReadOnlySpan<float> scores = found.Scores(i);
                found.Items(i)[..K].CopyTo(truth.AsSpan((first + i) * K));
                tied10 += scores[9] == scores[10] ? 1 : 0;
                tiedK += scores[K - 1] == scores[K] ? 1 : 0;
            }
        }

        return new GroundTruth(truth, tied10, tiedK);
    }
}
