using System.Numerics.Tensors;

namespace KernelPolicy.Distributed;

/// <summary>Gathers a table [rows, width] of which each row lies with one rank, while the others leave it zero: all then have all rows, bit
/// for bit, where a sum would turn −0 into 0.</summary>
/// <param name="communicator">The ranks; it stays the caller's.</param>
/// <param name="rows">Rows.</param>
/// <param name="width">Numbers of a row.</param>
public sealed unsafe class RankUnion(ICommunicator communicator, int rows, int width) : RankReduction(communicator, rows, width)
{
    /// <inheritdoc/>
    private protected override void Join(float* joined, float* versions, long stride, int rows)
    {
        int length = rows * Width;
        Span<uint> union = new(joined, length);
        new ReadOnlySpan<uint>(versions, length).CopyTo(union);
        for (int rank = 1; rank < Ranks; rank++)
            TensorPrimitives.BitwiseOr(union, new ReadOnlySpan<uint>(versions + (rank * stride), length), union);
    }
}
