using System.Numerics.Tensors;

namespace KernelPolicy.Distributed;

/// <summary>The sum of the ranks' tables.</summary>
/// <param name="communicator">The ranks; it stays the caller's.</param>
/// <param name="rows">Rows, at least 1.</param>
/// <param name="width">Numbers of a row, at least 1.</param>
/// <remarks>Added in float, rank by rank: within n − 1 roundings of the exact sum. Else as <see cref="RankReduction"/>.</remarks>
public sealed unsafe class RankSum(ICommunicator communicator, int rows, int width) : RankReduction(communicator, rows, width)
{
    /// <summary>This rank's table, row after row, to be written before the start.</summary>
    internal Span<float> Values => OwnTable;

    /// <summary>The sum, row after row, once it is done.</summary>
    internal ReadOnlySpan<float> Sum => JoinedTable;

    /// <inheritdoc/>
    private protected override void Join(float* joined, float* versions, long stride, int rows)
    {
        int length = rows * Width;
        Span<float> sum = new(joined, length);
        new ReadOnlySpan<float>(versions, length).CopyTo(sum);
        for (int rank = 1; rank < Ranks; rank++)
            TensorPrimitives.Add(sum, new ReadOnlySpan<float>(versions + (rank * stride), length), sum);
    }
}
