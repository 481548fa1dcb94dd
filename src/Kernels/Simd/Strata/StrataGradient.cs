using System.Numerics.Tensors;

namespace KernelPolicy.Kernels;

/// <summary>
/// The covariance gradient of one context by strata: the head summed exactly, the tail estimated by l' uniform draws outside it,
/// each standing for (P − |H|)/l' items. No ε.
/// </summary>
/// <remarks>
/// <para>Ẑ = Σ_H e^f + ((P − |H|)/l') Σ_T e^f, V = Σ e^f β and A = Σ e^f r β by the same rule, r̄ = Σ e^f r / Ẑ, and
/// g = (A − r̄ V)/Ẑ. With a control variate e^f is replaced by e^f − u(f), u = c0 + c1 f, and the exact c0 P + c1 h·s and
/// c0 s + c1 M h are added. Ẑ is unbiased for any head; the ratio's bias is O(1/l).</para>
/// <para>Errors: a draw's part in ĝ, to first order, is φ = ((P − |H|)/Ẑ)[(y^r − r̄ y)(β − β̄) − y g], y what the control leaves of
/// e^f, y^r of e^f r, β̄ = V/Ẑ; where c β̄ more is subtracted, r̄ + c stands for r̄. E‖ĝ − Eĝ‖² is estimated by the draws' Σ‖φ − φ̄‖² / l'(l' − 1).</para>
/// <para>The maximum of the scores is subtracted before exponentials are taken. Not thread-safe: one a worker. Source:
/// algorithm.md, item 5; Mussmann, Levy, Ermon, UAI 2017, for head and tail.</para>
/// </remarks>
public sealed unsafe class StrataGradient : IDisposable
{
    private readonly Matrix _items;
    private readonly CatalogueMoments _moments;
    private readonly TailTerms _weights;
    private readonly TailTerms _rewarded;
    private readonly float[] _coefficients;
    private readonly int[] _chosen;
    private readonly Matrix _sums;
    private readonly TailError _error;

    /// <summary>Makes room for a head and a tail.</summary>
    /// <param name="items">β [P, L].</param>
    /// <param name="moments">Sums over the same items.</param>
    /// <param name="headCapacity">The most items a head may have.</param>
    /// <param name="tailCapacity">The most draws a tail may have.</param>
    /// <exception cref="ArgumentException">The moments are of another catalogue.</exception>
    public StrataGradient(Matrix items, CatalogueMoments moments, int headCapacity, int tailCapacity)
    {
        ArgumentNullException.ThrowIfNull(items);
        ArgumentNullException.ThrowIfNull(moments);
        if (moments.Catalogue != items.Rows || moments.Sum.Columns != items.Columns)
            throw new ArgumentException($"The moments are of {moments.Catalogue} items, not of {items.Rows}.", nameof(moments));
        (_items, _moments) = (items, moments);
        _weights = new TailTerms(headCapacity, tailCapacity);
        _rewarded = new TailTerms(headCapacity, tailCapacity);
        _coefficients = new float[Math.Max(headCapacity, tailCapacity)];
        _chosen = new int[headCapacity];
        _sums = new Matrix(StrataSums.Count, items.Columns);
        _error = new TailError(moments, tailCapacity);
    }

    /// <summary>β̄ = V/Ẑ of the last context, the estimate of E_π[β], padded.</summary>
    public float* MeanItem => Row(StrataSums.MeanItem);

    /// <summary>A/Ẑ of the last context, the estimate of E_π[r β], padded; r is what was given as rewards.</summary>
    public float* MeanRewardedItem => Row(StrataSums.MeanRewardedItem);

    /// <summary>Adds g of one context to <paramref name="g"/>.</summary>
    /// <param name="h">The context's projection, padded.</param>
    /// <param name="productByQuery">M h, padded; null for no control variate.</param>
    /// <param name="head">H with its scores.</param>
    /// <param name="headRewards">r of the head [|H|].</param>
    /// <param name="tail">T with its scores.</param>
    /// <param name="tailRewards">r of the draws [l']; empty where it is zero throughout.</param>
    /// <param name="offset">How often more than r̄ β̄ is subtracted: the Σ_Y r of a log-likelihood, whose Σ_Y r β the caller has put
    /// into <paramref name="g"/>; else 0.</param>
    /// <param name="g">The sum [L], padded.</param>
    public StrataReport Estimate(
        float* h, float* productByQuery, StrataHead head, ReadOnlySpan<float> headRewards, StrataTail tail,
        ReadOnlySpan<float> tailRewards, double offset, float* g)
    {
        double outside = _moments.Catalogue - head.Count;
        double scale = tail.Count == 0 ? 0 : outside / tail.Count;
        float shift = Shift(head.Scores, tail.Scores);
        bool isControlled = productByQuery != null && !tail.IsWhole && tail.Count >= TailTerms.LeastControlled;
        double scoreSum = isControlled ? RowScores.Dot(h, _moments.Sum.Pointer, _items.Stride) : 0;

        Exponentiate(shift, head, headRewards, tail, tailRewards);
        double tailSize = TensorPrimitives.Sum<float>(_weights.Tail);
        double tailSquares = TensorPrimitives.SumOfSquares<float>(_weights.Tail);
        double largest = tail.Count == 0 ? 0 : TensorPrimitives.Max<float>(_weights.Tail);
        double headSize = _weights.HeadSum();
        if (isControlled)
            isControlled = Control(head, tail, !tailRewards.IsEmpty, outside);
        double partition = Total(_weights, scoreSum, scale);
        if (isControlled && partition <= headSize)
        {
            // The line took more than there is: rare, and worse than no line.
            Exponentiate(shift, head, headRewards, tail, tailRewards);
            isControlled = false;
            partition = Total(_weights, scoreSum, scale);
        }

        double reward = (tailRewards.IsEmpty ? _rewarded.HeadSum() : Total(_rewarded, scoreSum, scale)) / partition;
        _sums.Clear();
        Accumulate(_weights, head, tail, scale, productByQuery, StrataSums.TailItems, Row(StrataSums.MeanItem));
        float* rewarded = MeanRewardedItem;
        if (tailRewards.IsEmpty)
            AccumulateRewarded(head, rewarded);
        else
            Accumulate(_rewarded, head, tail, scale, productByQuery, StrataSums.TailRewarded, rewarded);
        Combine(reward, partition);

        (double partitionError, double variance) = _error.Measure(
            tail, _weights.Tail, tailRewards.IsEmpty ? [] : _rewarded.Tail, isControlled, reward + offset, _sums);
        Span<float> gradient = new(g, _items.Stride);
        TensorPrimitives.Add(gradient, _sums.PaddedRow(StrataSums.Covariance), gradient);
        if (offset != 0)
            TensorPrimitives.MultiplyAdd(_sums.PaddedRow(StrataSums.MeanItem), -(float)offset, gradient, gradient);
        double square = TensorPrimitives.SumOfSquares<float>(gradient);
        double share = outside / partition;
        (int missed, double missedSum) = Missed(head, tail, shift);
        return new StrataReport(
            reward, shift + Math.Log(partition), share * partitionError, square, share * share * variance, head.Count, tail.Count,
            tailSize * tailSize / tailSquares, scale * largest / partition, missed, scale * missedSum / partition);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _sums.Dispose();
        _error.Dispose();
    }

    private static float Shift(ReadOnlySpan<float> head, ReadOnlySpan<float> tail)
    {
        float largest = head.IsEmpty ? float.NegativeInfinity : TensorPrimitives.Max(head);
        return tail.IsEmpty ? largest : Math.Max(largest, TensorPrimitives.Max(tail));
    }

    private static (int Draws, double Sum) Missed(StrataHead head, StrataTail tail, float shift)
    {
        int missed = 0;
        double sum = 0;
        foreach (float score in tail.Scores)
        {
            if (score <= head.LowestRetrieved)
                continue;
            missed++;
            sum += Math.Exp(score - shift);
        }

        return (missed, sum);
    }

    private float* Row(int vector) => _sums.RowPointer(vector);

    private void Exponentiate(
        float shift, StrataHead head, ReadOnlySpan<float> headRewards, StrataTail tail, ReadOnlySpan<float> tailRewards)
    {
        _weights.Reset(head.Count, tail.Count);
        TensorPrimitives.Subtract(head.Scores, shift, _weights.Head);
        TensorPrimitives.Exp<float>(_weights.Head, _weights.Head);
        TensorPrimitives.Subtract(tail.Scores, shift, _weights.Tail);
        TensorPrimitives.Exp<float>(_weights.Tail, _weights.Tail);
        _rewarded.Reset(head.Count, tailRewards.IsEmpty ? 0 : tail.Count);
        TensorPrimitives.Multiply(_weights.Head, headRewards, _rewarded.Head);
        if (!tailRewards.IsEmpty)
            TensorPrimitives.Multiply(_weights.Tail, tailRewards, _rewarded.Tail);
    }

    // Both sums have lines of the same kind: a reward that is the same everywhere must cancel.
    private bool Control(StrataHead head, StrataTail tail, bool isDense, double outside)
    {
        (LineKind First, LineKind Second) lines =
            isDense ? _weights.Lines(tail.Scores, _rewarded, outside, _coefficients) : _weights.Lines(tail.Scores);
        if (lines == (LineKind.None, LineKind.None))
            return false;
        _weights.Subtract(head.Scores, tail.Scores, lines);
        if (isDense)
            _rewarded.Subtract(head.Scores, tail.Scores, lines);
        return true;
    }

    private double Total(TailTerms terms, double scoreSum, double scale) =>
        (terms.Control.Intercept * _moments.Catalogue) + (terms.Control.Slope * scoreSum) + terms.HeadSum() + (scale * terms.TailSum());

    private void Accumulate(
        TailTerms terms, StrataHead head, StrataTail tail, double scale, float* productByQuery, int tailVector, float* sum)
    {
        WeightedRows.Accumulate(tail.Table, tail.Rows, terms.Tail, Row(tailVector));
        WeightedRows.Accumulate(_items, head.Items, terms.Head, sum);
        Span<float> total = new(sum, _items.Stride);
        TensorPrimitives.MultiplyAdd(_sums.PaddedRow(tailVector), (float)scale, total, total);
        if (terms.Control == default)
            return;
        TensorPrimitives.MultiplyAdd(_moments.Sum.PaddedRow(0), (float)terms.Control.Intercept, total, total);
        TensorPrimitives.MultiplyAdd(
            new ReadOnlySpan<float>(productByQuery, _items.Stride), (float)terms.Control.Slope, total, total);
    }

    // Few of the head's items have a reward, and no other has.
    private void AccumulateRewarded(StrataHead head, float* sum)
    {
        int n = 0;
        ReadOnlySpan<float> terms = _rewarded.Head;
        for (int k = 0; k < terms.Length; k++)
        {
            if (terms[k] == 0)
                continue;
            (_chosen[n], _coefficients[n]) = (head.Items[k], terms[k]);
            n++;
        }

        WeightedRows.Accumulate(_items, _chosen.AsSpan(0, n), _coefficients.AsSpan(0, n), sum);
    }

    // β̄ = V/Ẑ, A/Ẑ, A/Ẑ − r̄ β̄.
    private void Combine(double reward, double partition)
    {
        Span<float> mean = _sums.PaddedRow(StrataSums.MeanItem), rewarded = _sums.PaddedRow(StrataSums.MeanRewardedItem);
        TensorPrimitives.Multiply(mean, (float)(1 / partition), mean);
        TensorPrimitives.Multiply(rewarded, (float)(1 / partition), rewarded);
        TensorPrimitives.MultiplyAdd(mean, -(float)reward, rewarded, _sums.PaddedRow(StrataSums.Covariance));
    }
}
