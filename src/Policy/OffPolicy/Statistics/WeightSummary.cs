namespace KernelPolicy.Policy;

/// <summary>Makes the diagnostics of the weights of a log.</summary>
internal static class WeightSummary
{
    /// <summary>A mean weight this near 1 is 1: probabilities come from scores in single precision.</summary>
    private const double MeanTolerance = 1e-4;

    public static WeightDiagnostics Of(LoggedFeedback log, LoggedProbabilities gathered, RowTerms terms, double[] unloggedMass)
    {
        double sum = 0, squares = 0, largest = 0, errors = 0, bias = 0;
        int clipped = 0, rewarded = 0, n = log.Count;
        for (int i = 0; i < n; i++)
        {
            double weight = terms.Weights[i], square = gathered.LogErrors[i] * gathered.LogErrors[i];
            sum += weight;
            squares += weight * weight;
            largest = Math.Max(largest, weight);
            errors += square;
            bias += weight * log.Rewards[i] * square;
            clipped += terms.Clipped[i] < weight ? 1 : 0;
            rewarded += log.Rewards[i] != 0 ? 1 : 0;
        }

        Moments mean = Moments.Of(terms.Weights), mass = Moments.Of(unloggedMass);
        double z = n < 2 ? double.NaN
            : Math.Abs(mean.Mean - 1) <= MeanTolerance ? 0
            : (mean.Mean - 1) / mean.StandardError;
        return new WeightDiagnostics(
            squares == 0 ? 0 : sum * sum / squares,
            largest,
            sum == 0 ? 0 : largest / sum,
            (double)clipped / n,
            Moments.Of(terms.Clipped).Mean,
            mean.Mean,
            mean.StandardError,
            z,
            double.IsInfinity(z) ? 0 : Quantiles.NormalTwoSidedTail(z),
            mass.Mean,
            mass.StandardError,
            Math.Sqrt(errors / n),
            bias / n,
            rewarded);
    }
}
