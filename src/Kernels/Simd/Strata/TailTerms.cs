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

    /// <summary>The kind of line that each half of the draws asks for: a slope where they are so nearly linear that it pays.</summary>
    public (LineKind First, LineKind Second) Lines(ReadOnlySpan<float> scores)
    {
        int half = _tailCount / 2;
        return (
            LinearControl.IsLinear(scores[..half], Tail[..half]) ? LineKind.Sloped : LineKind.Level,
            LinearControl.IsLinear(scores[half..], Tail[half..]) ? LineKind.Sloped : LineKind.Level);
    }

    /// <summary>The same where draws have rewards of their own: what is summed is then e^f (r − r̄), and if that is no line, none
    /// pays, since its noise would enter twice.</summary>
    /// <param name="scores">f of the draws.</param>
    /// <param name="rewarded">The terms e^f r of the same head and draws.</param>
    /// <param name="outside">P − |H|.</param>
    /// <param name="room">Room for the draws.</param>
    public (LineKind First, LineKind Second) Lines(ReadOnlySpan<float> scores, TailTerms rewarded, double outside, Span<float> room)
    {
        int half = _tailCount / 2;
        double head = HeadSum(), headReward = rewarded.HeadSum();
        LineKind first = Line(scores[..half], Tail[..half], rewarded.Tail[..half], room);
        return (first, Line(scores[half..], Tail[half..], rewarded.Tail[half..], room));

        // r̄ by the head and this half alone: a half's line must not know the other.
        LineKind Line(ReadOnlySpan<float> f, ReadOnlySpan<float> e, ReadOnlySpan<float> er, Span<float> y)
        {
            double scale = outside / e.Length;
            double mean = (headReward + (scale * TensorPrimitives.Sum(er))) / (head + (scale * TensorPrimitives.Sum(e)));
            y = y[..e.Length];
            TensorPrimitives.MultiplyAdd(e, -(float)mean, er, y);
            return LinearControl.IsLinear(f, y) ? LineKind.Sloped : LineKind.None;
        }
    }

    /// <summary>Takes the lines away.</summary>
    /// <param name="headScores">f of the head.</param>
    /// <param name="tailScores">f of the draws, at least <see cref="LeastControlled"/>.</param>
    /// <param name="lines">What the halves' lines may be.</param>
    public void Subtract(ReadOnlySpan<float> headScores, ReadOnlySpan<float> tailScores, (LineKind First, LineKind Second) lines)
    {
        int half = _tailCount / 2;
        LinearControl first = LinearControl.Fit(tailScores[..half], Tail[..half], lines.First);
        LinearControl second = LinearControl.Fit(tailScores[half..], Tail[half..], lines.Second);
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
