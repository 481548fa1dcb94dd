using KernelPolicy.Kernels;

namespace KernelPolicy.Index;

/// <summary>Scores of chosen items.</summary>
internal unsafe interface IItemScores
{
    /// <summary>f_j = h·β_{a_j}.</summary>
    /// <param name="query">h, padded with zeros [stride].</param>
    /// <param name="items">Item numbers a [n], each in [0, P).</param>
    /// <param name="scores">Receives f [≥ n].</param>
    void Gather(float* query, ReadOnlySpan<int> items, Span<float> scores);
}

/// <summary>Scores by a table β [P, L].</summary>
internal readonly unsafe struct TableScores(Matrix items) : IItemScores
{
    public void Gather(float* query, ReadOnlySpan<int> chosen, Span<float> scores) => RowScores.Gather(query, items, chosen, scores);
}
