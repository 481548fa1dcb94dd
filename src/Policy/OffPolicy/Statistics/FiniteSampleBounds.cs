namespace KernelPolicy.Policy;

/// <summary>Bounds on V that hold at any N, without normality.</summary>
/// <remarks>
/// <para>Both give a lower bound on E[w̃ s] for rewards s ≥ 0, w̃ ≤ w = π/p. Since E[w s] ≤ E_π[s], with equality where the log's
/// support holds π, it is a lower bound on E_π[s]. With s = r − r_min it bounds V from below; with s = r_max − r it bounds
/// r_max − V from below, hence V from above. Neither needs the support to be complete.</para>
/// <para>A two-sided interval of confidence 1 − δ takes δ/2 a side.</para>
/// </remarks>
internal static class FiniteSampleBounds
{
    /// <summary>
    /// Logarithmic smoothing (Sakhi et al., NeurIPS 2024, in rewards instead of costs): with S = (1/(Nλ)) Σ ln(1 + λ w s),
    /// E Π(1 + λ w s) = (1 + λ E[ws])^N, so that by Markov's inequality, with probability 1 − δ,
    /// E[ws] ≥ (exp(λ S − ln(1/δ)/N) − 1)/λ. λ must not depend on the data.
    /// </summary>
    public static double LogarithmicSmoothing(double smoothed, double lambda, int count, double delta) =>
        Math.Max(0, double.ExpM1((lambda * smoothed) + (Math.Log(delta) / count)) / lambda);

    /// <summary>
    /// Empirical Bernstein (Maurer and Pontil, COLT 2009, theorem 4): for terms in [0, b] with sample variance v, with
    /// probability 1 − δ, E ≥ mean − √(2 v ln(2/δ)/N) − 7 b ln(2/δ)/(3(N − 1)).
    /// </summary>
    public static double EmpiricalBernstein(Moments terms, double most, double delta)
    {
        double log = Math.Log(2 / delta);
        return Math.Max(0, terms.Mean - Math.Sqrt(2 * terms.Variance * log / terms.Count) - (7 * most * log / (3 * (terms.Count - 1))));
    }

    /// <summary>The interval of logarithmic smoothing.</summary>
    /// <param name="log">r.</param>
    /// <param name="weights">w [N].</param>
    /// <param name="lambda">λ.</param>
    /// <param name="range">Range of the rewards.</param>
    /// <param name="confidence">1 − δ.</param>
    public static ConfidenceInterval LogarithmicSmoothing(
        LoggedFeedback log, double[] weights, double lambda, RewardRange range, double confidence)
    {
        double lower = 0, upper = 0, delta = (1 - confidence) / 2;
        bool bounded = double.IsFinite(range.Most);
        for (int i = 0; i < weights.Length; i++)
        {
            lower += double.LogP1(lambda * weights[i] * (log.Rewards[i] - range.Least));
            upper += bounded ? double.LogP1(lambda * weights[i] * (range.Most - log.Rewards[i])) : 0;
        }

        double scale = lambda * weights.Length;
        return new ConfidenceInterval(
            range.Least + LogarithmicSmoothing(lower / scale, lambda, weights.Length, delta),
            bounded ? range.Most - LogarithmicSmoothing(upper / scale, lambda, weights.Length, delta) : double.PositiveInfinity);
    }

    /// <summary>The empirical Bernstein interval of clipped IPS; null where the rewards have no upper end or there are fewer
    /// than two rows.</summary>
    /// <param name="log">r.</param>
    /// <param name="clipped">w̃ [N].</param>
    /// <param name="mostWeight">Upper end of w̃.</param>
    /// <param name="range">Range of the rewards.</param>
    /// <param name="confidence">1 − δ.</param>
    public static ConfidenceInterval? EmpiricalBernstein(
        LoggedFeedback log, double[] clipped, double mostWeight, RewardRange range, double confidence)
    {
        if (!double.IsFinite(range.Most) || clipped.Length < 2)
            return null;
        double most = mostWeight * (range.Most - range.Least), delta = (1 - confidence) / 2;
        double[] terms = new double[clipped.Length];
        for (int i = 0; i < terms.Length; i++)
            terms[i] = clipped[i] * (log.Rewards[i] - range.Least);
        double lower = range.Least + EmpiricalBernstein(Moments.Of(terms), most, delta);
        for (int i = 0; i < terms.Length; i++)
            terms[i] = clipped[i] * (range.Most - log.Rewards[i]);
        return new ConfidenceInterval(lower, range.Most - EmpiricalBernstein(Moments.Of(terms), most, delta));
    }
}
