namespace KernelPolicy.Policy;

/// <summary>Mean and standard error of a column of terms.</summary>
/// <param name="Mean">Mean.</param>
/// <param name="Variance">Sample variance, divided by N − 1; NaN below two rows.</param>
/// <param name="Count">N.</param>
internal readonly record struct Moments(double Mean, double Variance, int Count)
{
    /// <summary>√(variance/N).</summary>
    public double StandardError => Math.Sqrt(Variance / Count);

    /// <summary>Moments of a column, by two passes.</summary>
    public static Moments Of(ReadOnlySpan<double> values)
    {
        double mean = 0;
        foreach (double value in values)
            mean += value;
        mean /= values.Length;
        double squares = 0;
        foreach (double value in values)
            squares += (value - mean) * (value - mean);
        return new Moments(mean, values.Length < 2 ? double.NaN : squares / (values.Length - 1), values.Length);
    }

    /// <summary>Moments of the ratio Σu/Σw by the delta method: influence function w̄⁻¹(u − Vw).</summary>
    public static Moments OfRatio(ReadOnlySpan<double> numerators, ReadOnlySpan<double> weights)
    {
        double total = 0, weight = 0;
        for (int i = 0; i < weights.Length; i++)
        {
            total += numerators[i];
            weight += weights[i];
        }

        double value = total / weight, mean = weight / weights.Length, squares = 0;
        for (int i = 0; i < weights.Length; i++)
        {
            double influence = (numerators[i] - (value * weights[i])) / mean;
            squares += influence * influence;
        }

        return new Moments(value, weights.Length < 2 ? double.NaN : squares / (weights.Length - 1), weights.Length);
    }
}
