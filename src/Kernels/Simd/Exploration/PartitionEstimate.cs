namespace KernelPolicy.Kernels;

/// <summary>
/// The normaliser of what was served: head and slate are summed exactly, the tail is estimated by l uniform draws without replacement,
/// each standing for n/l of its n items.
/// </summary>
/// <remarks>
/// <para>Ẑ = Σ_{H ∪ served} e^φ + (n/l) Σ_l e^φ. Given what was served it is unbiased, since its draws are none of those that decided
/// the slate; for any head, so that a weak index costs variance, not bias. Hence 1/π̂ = Ẑ e^{−φ} is unbiased, which is what inverse
/// propensity weights ask for, while E[π̂] ≈ π (1 + e²), e the relative standard error of Ẑ. π̂ never exceeds 1.</para>
/// <para>Standard error: n √((1 − l/n)/l) s, s² the draws' sample variance, whose square is unbiased. Where l ≥ n all of the tail is
/// summed and the error is 0. s knows nothing of heavy items that no draw has met.</para>
/// <para>Source: algorithm.md, item 5; Mussmann, Levy, Ermon, UAI 2017, algorithm 2; Cochran, Sampling Techniques, section 2.
/// Sums subtract the maximum. Not thread-safe: one a worker; allocates nothing after construction.</para>
/// </remarks>
public sealed unsafe class PartitionEstimate
{
    private const int AtOnce = 256;

    private readonly TailSampler _sampler;
    private readonly int[] _block = new int[AtOnce];
    private readonly float[] _scores = new float[AtOnce];
    private readonly double[] _head;
    private readonly double[] _tail;

    /// <summary>Makes room.</summary>
    /// <param name="headCapacity">The most items a head may have.</param>
    /// <param name="draws">l, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of range.</exception>
    public PartitionEstimate(int headCapacity, int draws)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(headCapacity);
        ArgumentOutOfRangeException.ThrowIfLessThan(draws, 1);
        _sampler = new TailSampler(draws);
        (_head, _tail) = (new double[headCapacity], new double[draws]);
    }

    /// <summary>Estimates the sum over what was not served.</summary>
    /// <param name="h">h, padded.</param>
    /// <param name="items">β [P, L].</param>
    /// <param name="allowed">What may be shown.</param>
    /// <param name="head">Head and tail; tail items that were served leave the tail.</param>
    /// <param name="gap">As for the draw: scores above the least retrieved one by more are misses.</param>
    /// <param name="served">The slate.</param>
    /// <param name="draws">The request's random numbers.</param>
    public PartitionReport Estimate<TSet>(
        float* h, Matrix items, in TSet allowed, CandidateHead head, double gap, ReadOnlySpan<PerturbedItem> served,
        in ExplorationDraws draws)
        where TSet : struct, IItemSet
    {
        ArgumentNullException.ThrowIfNull(items);
        ArgumentNullException.ThrowIfNull(head);
        Span<double> known = _head.AsSpan(0, head.Count);
        head.Logits.CopyTo(known);
        foreach (PerturbedItem item in served)
        {
            if (item.IsTail)
                head.Add(item.Item);
            else
                known[item.HeadPosition] = double.NegativeInfinity;
        }

        int drawn = Math.Min(_tail.Length, head.Outside), missed = 0;
        double bound = head.LeastRetrieved + gap, missedLogit = double.NegativeInfinity;
        _sampler.Begin(allowed, head, drawn, draws.Partition);
        int at = 0;
        for (int n = _sampler.Next(allowed, head, _block); n > 0; n = _sampler.Next(allowed, head, _block))
        {
            RowScores.Gather(h, items, _block.AsSpan(0, n), _scores);
            for (int i = 0; i < n; i++)
            {
                double logit = _tail[at++] = _scores[i] * head.InverseTemperature;
                if (!CandidateHead.Exceeds(_scores[i], bound, h, items.RowPointer(_block[i]), items.Stride))
                    continue;
                missed++;
                missedLogit = Exponentials.LogSum(missedLogit, logit);
            }
        }

        return Sum(known, _tail.AsSpan(0, drawn), head.Outside, missed, missedLogit);
    }

    private static PartitionReport Sum(ReadOnlySpan<double> head, ReadOnlySpan<double> tail, int outside, int missed, double missedLogit)
    {
        double maximum = Math.Max(Largest(head), Largest(tail));
        if (double.IsNegativeInfinity(maximum))
            return new PartitionReport(maximum, 0, outside, tail.Length, missed, 0);
        double weight = tail.IsEmpty ? 0 : (double)outside / tail.Length;
        double tailSum = SumOf(tail, maximum), total = SumOf(head, maximum) + (weight * tailSum);
        double error = tail.Length == outside ? 0 : double.PositiveInfinity;
        if (tail.Length < outside && tail.Length > 1)
        {
            double mean = tailSum / tail.Length, squares = 0;
            foreach (double logit in tail)
            {
                double difference = Math.Exp(logit - maximum) - mean;
                squares += difference * difference;
            }

            double unseen = 1 - ((double)tail.Length / outside);
            error = weight * Math.Sqrt(unseen * squares * tail.Length / (tail.Length - 1)) / total;
        }

        return new PartitionReport(
            maximum + Math.Log(total), error, outside, tail.Length, missed, weight * Math.Exp(missedLogit - maximum) / total);
    }

    private static double Largest(ReadOnlySpan<double> logits)
    {
        double largest = double.NegativeInfinity;
        foreach (double logit in logits)
            largest = Math.Max(largest, logit);
        return largest;
    }

    private static double SumOf(ReadOnlySpan<double> logits, double maximum)
    {
        double sum = 0;
        foreach (double logit in logits)
            sum += Math.Exp(logit - maximum);
        return sum;
    }
}
