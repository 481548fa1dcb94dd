using System.Numerics.Tensors;

namespace KernelPolicy.Kernels;

/// <summary>
/// The terms of one sum Σ_a y_a over head and tail, y_a = e^{f_a − m} or that times the reward: what a linear control variate leaves
/// of each, and the line that it took away, whose own sum over the catalogue is exact.
/// </summary>
/// <remarks>
/// <para>The draws are halved, and each half is corrected by the line of the other, which does not depend on it: the estimate stays
/// unbiased, whatever the line.</para>
/// <para>Not thread-safe: one a worker.</para>
/// </remarks>
internal sealed class TailTerms(int headCapacity, int tailCapacity)
{
    /// <summary>Draws below which no line is fitted.</summary>
    public const int LeastControlled = 8;

    private readonly float[] _head = new float[headCapacity];
    private readonly float[] _tail = new float[tailCapacity];
    private int _headCount;
    private int _tailCount;

    /// <summary>y of the head, or what the control leaves of it.</summary>
    public Span<float> Head => _head.AsSpan(0, _headCount);

    /// <summary>y of the tail's draws, or what the control leaves of it.</summary>
    public Span<float> Tail => _tail.AsSpan(0, _tailCount);

    /// <summary>The line whose sum over the whole catalogue belongs to the estimate.</summary>
    public LinearControl Control { get; private set; }

    /// <summary>Makes room for the terms of a context, to be written by the caller.</summary>
    public void Reset(int headCount, int tailCount) => (_headCount, _tailCount, Control) = (headCount, tailCount, default);

    /// <summary>Which halves of the draws are so nearly linear that a slope pays.</summary>
    public (bool First, bool Second) Slopes(ReadOnlySpan<float> scores)
    {
        int half = _tailCount / 2;
        return (
            LinearControl.IsLinear(scores[..half], Tail[..half]),
            LinearControl.IsLinear(scores[half..], Tail[half..]));
    }

    /// <summary>Takes the lines away.</summary>
    /// <param name="headScores">f of the head.</param>
    /// <param name="tailScores">f of the draws, at least <see cref="LeastControlled"/>.</param>
    /// <param name="sloped">Which halves' lines may slope.</param>
    public void Subtract(ReadOnlySpan<float> headScores, ReadOnlySpan<float> tailScores, (bool First, bool Second) sloped)
    {
        int half = _tailCount / 2;
        LinearControl first = LinearControl.Fit(tailScores[..half], Tail[..half], sloped.First);
        LinearControl second = LinearControl.Fit(tailScores[half..], Tail[half..], sloped.Second);
        Subtract(second, tailScores[..half], Tail[..half]);
        Subtract(first, tailScores[half..], Tail[half..]);
        Control = LinearControl.Mix(second, first, (double)half / _tailCount);
        Subtract(Control, headScores, Head);
    }

    /// <summary>Σ over the head, of which the control's own sum is still missing.</summary>
    public double HeadSum() => TensorPrimitives.Sum<float>(Head);

    /// <summary>Σ over the draws.</summary>
    public double TailSum() => TensorPrimitives.Sum<float>(Tail);

    private static void Subtract(LinearControl line, ReadOnlySpan<float> scores, Span<float> values)
    {
        for (int j = 0; j < values.Length; j++)
            values[j] = (float)(values[j] - line.At(scores[j]));
    }
}
