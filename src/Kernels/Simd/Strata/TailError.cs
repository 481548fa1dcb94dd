using System.Numerics.Tensors;

namespace KernelPolicy.Kernels;

/// <summary>
/// How far Ẑ and ĝ may be off, by the spread of the tail's draws (the remarks of <see cref="StrataGradient"/>), both as for
/// (P − |H|)/Ẑ = 1.
/// </summary>
/// <remarks>With S = Σ z² β and so on, z = y^r − r̄ y: Σ‖φ‖² = Σ z²(‖β‖² + ‖β̄‖²) − 2 (Σ z² β)·β̄ − 2 (Σ z y β)·g
/// + 2 (Σ z y)(β̄·g) + Σ y² ‖g‖², so that no vector φ is formed. Not thread-safe.</remarks>
internal sealed unsafe class TailError(CatalogueMoments moments, int tailCapacity) : IDisposable
{
    private readonly float[] _coefficients = new float[tailCapacity];
    private readonly Matrix _sum = new(1, moments.Sum.Columns);

    /// <summary>Measures both.</summary>
    /// <param name="tail">The draws.</param>
    /// <param name="y">What is left of e^f [l'].</param>
    /// <param name="rewarded">What is left of e^f r [l']; empty where that is zero.</param>
    /// <param name="isHalved">Whether each half of the draws has a line of its own.</param>
    /// <param name="reward">r̄, or what is subtracted of β̄ in its stead.</param>
    /// <param name="sums">g, β̄, Σ y β and Σ y^r β of the draws, by their place in <see cref="StrataSums"/>.</param>
    public (double PartitionError, double GradientVariance) Measure(
        StrataTail tail, ReadOnlySpan<float> y, ReadOnlySpan<float> rewarded, bool isHalved, double reward, Matrix sums)
    {
        if (tail.IsWhole)
            return (0, 0);
        int n = y.Length;
        if (n < 2)
            return (double.PositiveInfinity, double.PositiveInfinity);
        int half = n / 2;
        double spread = isHalved
            ? (SumOfSquaresAboutMean(y[..half]) + SumOfSquaresAboutMean(y[half..])) / (n - 2)
            : SumOfSquaresAboutMean(y) / (n - 1);

        ReadOnlySpan<float> g = sums.PaddedRow(StrataSums.Covariance), mean = sums.PaddedRow(StrataSums.MeanItem);
        double meanSquare = TensorPrimitives.SumOfSquares(mean), gradientSquare = TensorPrimitives.SumOfSquares(g);
        double meanByGradient = TensorPrimitives.Dot(mean, g);
        double squares = 0, zSum = 0, ySum = 0;
        ReadOnlySpan<float> norms = moments.SquaredNorms;
        for (int j = 0; j < n; j++)
        {
            double z = (rewarded.IsEmpty ? 0 : rewarded[j]) - (reward * y[j]);
            squares += (z * z * (norms[tail.Items[j]] + meanSquare)) + (2 * z * y[j] * meanByGradient)
                + ((double)y[j] * y[j] * gradientSquare);
            zSum += z;
            ySum += y[j];
        }

        squares -= 2 * Crossed(tail, y, rewarded, reward, mean, g);
        double total = 0;
        ReadOnlySpan<float> ofRewarded = sums.PaddedRow(StrataSums.TailRewarded), ofItems = sums.PaddedRow(StrataSums.TailItems);
        for (int l = 0; l < g.Length; l++)
        {
            double phi = ofRewarded[l] - (reward * ofItems[l]) - (zSum * mean[l]) - (ySum * g[l]);
            total += phi * phi;
        }

        double variance = Math.Max(0, squares - (total / n)) / ((double)n * (n - 1));
        return (Math.Sqrt(spread / n), variance);
    }

    /// <inheritdoc/>
    public void Dispose() => _sum.Dispose();

    // (Σ z² β)·β̄ + (Σ z y β)·g. Where z = −r̄ y both are made of one sum.
    private double Crossed(
        StrataTail tail, ReadOnlySpan<float> y, ReadOnlySpan<float> rewarded, double reward, ReadOnlySpan<float> mean, ReadOnlySpan<float> g)
    {
        Span<float> c = _coefficients.AsSpan(0, y.Length);
        if (rewarded.IsEmpty)
        {
            TensorPrimitives.Multiply(y, y, c);
            ReadOnlySpan<float> sum = Sum(tail, c);
            return (reward * reward * TensorPrimitives.Dot(sum, mean)) - (reward * TensorPrimitives.Dot(sum, g));
        }

        for (int j = 0; j < c.Length; j++)
            c[j] = (float)(rewarded[j] - (reward * y[j]));
        TensorPrimitives.Multiply(c, c, c);
        double crossed = TensorPrimitives.Dot(Sum(tail, c), mean);
        for (int j = 0; j < c.Length; j++)
            c[j] = (float)((rewarded[j] - (reward * y[j])) * y[j]);
        return crossed + TensorPrimitives.Dot(Sum(tail, c), g);
    }

    private ReadOnlySpan<float> Sum(StrataTail tail, ReadOnlySpan<float> coefficients)
    {
        _sum.Clear();
        WeightedRows.Accumulate(tail.Table, tail.Rows, coefficients, _sum.Pointer);
        return _sum.PaddedRow(0);
    }

    private static double SumOfSquaresAboutMean(ReadOnlySpan<float> values)
    {
        double mean = 0, squares = 0;
        foreach (float value in values)
            mean += value;
        mean /= values.Length;
        foreach (float value in values)
            squares += (value - mean) * (value - mean);
        return squares;
    }
}

/// <summary>Places of the vectors [L] that the strata of a context add up.</summary>
internal static class StrataSums
{
    /// <summary>Σ y β over head and tail; then β̄.</summary>
    public const int MeanItem = 0;

    /// <summary>Σ y β over the draws.</summary>
    public const int TailItems = 1;

    /// <summary>Σ y^r β over the draws.</summary>
    public const int TailRewarded = 2;

    /// <summary>Σ e^f r β over head and tail; then A/Ẑ.</summary>
    public const int MeanRewardedItem = 3;

    /// <summary>A/Ẑ − r̄ β̄.</summary>
    public const int Covariance = 4;

    /// <summary>Number of vectors.</summary>
    public const int Count = 5;
}
