using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace KernelPolicy.Distributed;

/// <summary>The sum of the ranks' lists of numbers, in double precision.</summary>
/// <param name="communicator">The ranks; it stays the caller's.</param>
/// <param name="count">Numbers, at least 1.</param>
internal sealed unsafe class RankDoubleSum(ICommunicator communicator, int count) : RankReduction(communicator, count, FloatsOfANumber)
{
    private const int FloatsOfANumber = sizeof(double) / sizeof(float);

    /// <summary>Puts the sum in place of this rank's numbers [count].</summary>
    public void Sum(Span<double> values)
    {
        for (int i = 0; i < values.Length; i++)
            MemoryMarshal.Cast<float, double>(Own(i))[0] = values[i];
        Run();
        for (int i = 0; i < values.Length; i++)
            values[i] = MemoryMarshal.Cast<float, double>(Joined(i))[0];
    }

    /// <inheritdoc/>
    private protected override void Join(float* joined, float* versions, long stride, int rows)
    {
        Span<double> sum = new(joined, rows);
        new ReadOnlySpan<double>(versions, rows).CopyTo(sum);
        for (int rank = 1; rank < Ranks; rank++)
            TensorPrimitives.Add(sum, new ReadOnlySpan<double>(versions + (rank * stride), rows), sum);
    }
}
