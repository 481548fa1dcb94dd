using System.Numerics.Tensors;

namespace KernelPolicy.Distributed;

/// <summary>
/// Joins what strata over parts of a catalogue say of the same contexts: rows [ln Ẑ, r̄, E_π[β], E_π[r β]] of 2 L + 2 numbers, each
/// part's own, to those of the whole.
/// </summary>
/// <remarks>
/// <para>Ẑ is a sum over the catalogue, and so are the numerators of the other three: with w_s = Ẑ_s / Σ Ẑ they are Σ w_s r̄_s and so on,
/// exactly. ln Ẑ_s is sent in single precision, so that w_s is off by a share of |ln Ẑ_s| 2^−24; weights are made in double, the largest
/// logarithm taken out first.</para>
/// <para>One reduction a batch. See <see cref="RankReduction"/>.</para>
/// </remarks>
/// <param name="communicator">The ranks; it stays the caller's.</param>
/// <param name="rows">Contexts, B.</param>
/// <param name="dimension">L.</param>
public sealed unsafe class StrataJoin(ICommunicator communicator, int rows, int dimension)
    : RankReduction(communicator, rows, WidthOf(dimension))
{
    private double[]? _weights;

    /// <summary>Numbers of a row, 2 L + 2.</summary>
    public static int WidthOf(int dimension) => checked((2 * dimension) + 2);

    /// <inheritdoc/>
    private protected override void Join(float* joined, float* versions, long stride, int rows)
    {
        _weights ??= new double[Ranks];
        for (int row = 0; row < rows; row++)
        {
            float* first = versions + ((long)row * Width);
            double largest = double.NegativeInfinity, sum = 0;
            for (int rank = 0; rank < Ranks; rank++)
                largest = Math.Max(largest, first[rank * stride]);
            for (int rank = 0; rank < Ranks; rank++)
                sum += _weights[rank] = Math.Exp(first[rank * stride] - largest);
            float* to = joined + ((long)row * Width);
            to[0] = (float)(largest + Math.Log(sum));
            Span<float> means = new(to + 1, Width - 1);
            means.Clear();
            for (int rank = 0; rank < Ranks; rank++)
                TensorPrimitives.MultiplyAdd(new ReadOnlySpan<float>(first + (rank * stride) + 1, Width - 1), (float)(_weights[rank] / sum), means, means);
        }
    }
}
