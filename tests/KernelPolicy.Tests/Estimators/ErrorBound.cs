using KernelPolicy.Tests.Support;

namespace KernelPolicy.Tests.Estimators;

/// <summary>
/// How far an estimate in single precision may lie from the same sum in double precision.
/// </summary>
/// <remarks>
/// <para>A score is a dot product of L terms: |δf| ≤ γ_L Σ_l |h_l β_l|, plus the error of h where that is computed. What
/// is exponentiated is f − ln q − max, rounded at most three times, each by u times its size. Let e bound the sum of
/// these over all items. Then each weight w = e^{ln ω}/Σ e^{ln ω} is off by a share of e^{2e} − 1: e above the line, e
/// below it.</para>
/// <para>An exponential is off by at most 2 units in the last place, a sum of n terms by γ_n; products and quotients add
/// a few units: ρ = e^{2e} − 1 + γ_{n+16}.</para>
/// <para>g = Σ w (r − r̄) β, computed in this form or as Σ w r β − r̄ Σ w β, is built of T₁ = Σ w |r| |β| and
/// T₂ = (Σ w |r|)(Σ w |β|): weights bring ρ(T₁ + T₂), r̄ brings ρ T₂, and a second T₂ covers the products of errors. Hence
/// |δg| ≤ ρ (T₁ + 3 T₂).</para>
/// <para>Weights below e^−87.3 are kept at 1.2e−38 by the vector exponential and sink among denormals elsewhere: 2^−120
/// times Σ (|r| + Σ w|r|) |β| bounds both.</para>
/// </remarks>
internal static class ErrorBound
{
    private static readonly double Smallest = Math.Pow(2, -120);

    /// <summary>Largest error of a score of these items: γ_L Σ |h β| + Σ |δh| |β|; δh may be empty.</summary>
    public static double Score(double[] h, double[,] beta, double[] projectionError)
    {
        double largest = 0;
        for (int a = 0; a < beta.GetLength(0); a++)
        {
            double error = 0;
            for (int l = 0; l < h.Length; l++)
            {
                double own = projectionError.Length == 0 ? 0 : projectionError[l];
                error += ((Close.Gamma(h.Length + 1) * (Math.Abs(h[l]) + own)) + own) * Math.Abs(beta[a, l]);
            }

            largest = Math.Max(largest, error);
        }

        return largest;
    }

    /// <summary>ρ of the remarks, for scores that are off by at most <paramref name="scoreError"/>, n terms, and
    /// log-weights of at most <paramref name="largestLog"/>.</summary>
    public static double Relative(double scoreError, int terms, double largestLog)
    {
        double e = scoreError + (4 * Close.SingleUnit * largestLog);
        return Math.Exp(2 * e) - 1 + Close.Gamma(terms + 16);
    }

    /// <summary>
    /// ρ for sums that are made in parts, each against a maximum of its own, as devices make them: a weight is a product of
    /// two exponentials, or more where a running maximum rises. Their exponents add up to the same, two roundings more; each
    /// part adds an exponential and a product, 6 units, and has 64 items at least, where there is more than one. The density
    /// of a mixture, where there is one, is made of scores as well: ln κ is off by twice their error, ln ω by three times.
    /// </summary>
    public static double InParts(EstimatorCase problem, int context, int terms, double largestLogDensity, bool scoresAreExact)
    {
        double score = scoresAreExact ? 0 : (largestLogDensity > 0 ? 3 : 1) * Score(problem.Queries[context], problem.Beta, []);
        double largestLog = problem.Scores[context].Max(Math.Abs) + largestLogDensity;
        return Relative(score + (2 * Close.SingleUnit * largestLog), terms + (6 * ((terms / 64) + 2)), largestLog);
    }

    /// <summary>ρ (T₁ + 3 T₂) for each of L entries; weights sum to 1, r and w by position in the list of items.</summary>
    public static double[] Covariance(IReadOnlyList<int> items, double[] weights, double[] rewards, double[,] beta, double rho)
    {
        double meanSize = 0;
        for (int j = 0; j < items.Count; j++)
            meanSize += weights[j] * Math.Abs(rewards[j]);
        double[] bound = new double[beta.GetLength(1)];
        for (int j = 0; j < items.Count; j++)
        {
            double share = (rho * weights[j] * (Math.Abs(rewards[j]) + (3 * meanSize)))
                + (Smallest * (Math.Abs(rewards[j]) + meanSize));
            for (int l = 0; l < bound.Length; l++)
                bound[l] += share * Math.Abs(beta[items[j], l]);
        }

        return bound;
    }

    /// <summary>
    /// REINFORCE: g = (1/S) Σ_s c_s (β_{a_s} − E_π β), c = r − b. The sums over s and that within b are each off by a share
    /// γ_{S+8} of (1/S) Σ (|r| + |b|)(|β| + E_π|β|); E_π β is off by ρ E_π|β|.
    /// </summary>
    public static double[] Reinforce(
        double[] pi, double[] rewards, int[] draws, double[,] beta, bool baseline, double rho)
    {
        double size = draws.Average(a => Math.Abs(rewards[a])) * (baseline ? 2 : 1);
        double gamma = Close.Gamma(2 * (draws.Length + 8));
        double[] bound = new double[beta.GetLength(1)];
        for (int l = 0; l < bound.Length; l++)
        {
            double mean = 0;
            for (int a = 0; a < pi.Length; a++)
                mean += pi[a] * Math.Abs(beta[a, l]);
            double b = baseline ? size / 2 : 0;
            double drawn = draws.Average(a => (Math.Abs(rewards[a]) + b) * Math.Abs(beta[a, l]));
            bound[l] = (gamma * (drawn + (size * mean))) + ((rho + gamma) * size * mean) + Smallest;
        }

        return bound;
    }
}
