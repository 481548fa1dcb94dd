namespace KernelPolicy.Policy;

/// <summary>
/// Error, bias and direction of R repeated estimates of one long vector v, here the g of all audited contexts end to end.
/// </summary>
/// <remarks>
/// With d_r = v̂_r − v and D = Σ_r d_r, E d_r·d_s = ‖E d‖² for two different repetitions, which are independent, so that
/// (‖D‖² − Σ‖d_r‖²)/(R(R−1)) estimates the squared bias without bias, whatever ties the contexts of one repetition together (a
/// shared tail does). Without repetition r it is (‖D − d_r‖² − Σ_{s≠r}‖d_s‖²)/((R−1)(R−2)): the jackknife's values. Not
/// thread-safe.
/// </remarks>
internal sealed class GradientErrorSums(int repetitions, int length)
{
    private readonly float[][] _differences = [.. Enumerable.Range(0, repetitions).Select(_ => new float[length])];
    private readonly float[] _exact = new float[length];
    private readonly double[] _sum = new double[length];

    /// <summary>Where the exact vector goes [n·L].</summary>
    public Span<float> Exact => _exact;

    /// <summary>Takes a part of one estimate, once the exact vector is there.</summary>
    /// <param name="repetition">r.</param>
    /// <param name="first">Its first place in the vector.</param>
    /// <param name="estimate">The part.</param>
    public void Set(int repetition, int first, ReadOnlySpan<float> estimate)
    {
        float[] differences = _differences[repetition];
        for (int i = 0; i < estimate.Length; i++)
            differences[first + i] = (float)((double)estimate[i] - _exact[first + i]);
    }

    /// <summary>The audit of what was taken.</summary>
    public GradientAudit ToAudit(int epoch, long step, int contexts, double claimedSquare)
    {
        Array.Clear(_sum);
        double squares = 0;
        double[] own = new double[repetitions], shared = new double[repetitions];
        for (int r = 0; r < repetitions; r++)
        {
            for (int i = 0; i < length; i++)
            {
                double d = _differences[r][i];
                _sum[i] += d;
                own[r] += d * d;
            }

            squares += own[r];
        }

        for (int r = 0; r < repetitions; r++)
        {
            for (int i = 0; i < length; i++)
                shared[r] += _differences[r][i] * _sum[i];
        }

        (double total, double exactSquare, double meanSquare, double product) = (0, 0, 0, 0);
        for (int i = 0; i < length; i++)
        {
            double exact = _exact[i], mean = exact + (_sum[i] / repetitions);
            total += _sum[i] * _sum[i];
            exactSquare += exact * exact;
            meanSquare += mean * mean;
            product += mean * exact;
        }

        double bias = Pairs(total, squares, repetitions);
        double spread = 0, average = 0;
        double[] without = new double[repetitions];
        for (int r = 0; r < repetitions; r++)
        {
            without[r] = Pairs(total - (2 * shared[r]) + own[r], squares - own[r], repetitions - 1);
            average += without[r] / repetitions;
        }

        foreach (double value in without)
            spread += (value - average) * (value - average);
        double error = Math.Sqrt(spread * (repetitions - 1) / repetitions);
        return new GradientAudit(
            epoch, step, contexts, repetitions, squares / repetitions / exactSquare, bias / exactSquare, error / exactSquare,
            product / Math.Sqrt(meanSquare * exactSquare), claimedSquare);
    }

    private static double Pairs(double squareOfSum, double sumOfSquares, int count) =>
        (squareOfSum - sumOfSquares) / ((double)count * (count - 1));
}
