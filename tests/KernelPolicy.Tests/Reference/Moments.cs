namespace KernelPolicy.Tests.Reference;

/// <summary>
/// Mean and variance of the estimators of g [L] for S draws: exact for REINFORCE, to the leading order of 1/S for the
/// self-normalised ones.
/// </summary>
/// <remarks>
/// With ω = π/q (mean 1 under q) and sample means D of ω, C of ωr, B of ωβ, A of ωrβ, the estimator is
/// g = A/D − C·B/D². Taylor's expansion about the means (1, E_π r, E_π β, E_π rβ) gives bias ½ Σ_ij H_ij Cov_ij and
/// variance ∇ᵀ Cov ∇, Cov being the covariance of the sample means; the remainder is of order 1/S² (Owen, Monte Carlo
/// theory, methods and examples, chapters 2.7 and 9.2).
/// </remarks>
internal static class Moments
{
    /// <summary>
    /// Bias and variance of each component for draws in strata, n of them from a density p [P] each; the densities
    /// weighted by n/S average to q [P].
    /// </summary>
    public static (double[] Bias, double[] Variance) SelfNormalised(
        double[] pi, double[] q, double[] r, double[,] beta, params (double[] Density, int Draws)[] strata)
    {
        int dimension = beta.GetLength(1), samples = strata.Sum(s => s.Draws);
        double[] bias = new double[dimension], variance = new double[dimension];
        for (int k = 0; k < dimension; k++)
        {
            double[] Values(int a)
            {
                double omega = pi[a] / q[a];
                return [omega, omega * r[a], omega * beta[a, k], omega * r[a] * beta[a, k]];
            }

            double[,] covariance = new double[4, 4];
            foreach ((double[] density, int draws) in strata)
            {
                double[] mean = new double[4];
                double[,] second = new double[4, 4];
                for (int a = 0; a < pi.Length; a++)
                {
                    double[] v = Values(a);
                    for (int i = 0; i < 4; i++)
                    {
                        mean[i] += density[a] * v[i];
                        for (int j = 0; j < 4; j++)
                            second[i, j] += density[a] * v[i] * v[j];
                    }
                }

                for (int i = 0; i < 4; i++)
                {
                    for (int j = 0; j < 4; j++)
                        covariance[i, j] += draws * (second[i, j] - (mean[i] * mean[j])) / samples / samples;
                }
            }

            double c = 0, b = 0, ab = 0;
            for (int a = 0; a < pi.Length; a++)
            {
                c += pi[a] * r[a];
                b += pi[a] * beta[a, k];
                ab += pi[a] * r[a] * beta[a, k];
            }

            // g = A/D − CB/D² in the order (D, C, B, A), at D = 1.
            double[] gradient = [-ab + (2 * c * b), -b, -c, 1];
            double[,] hessian =
            {
                { (2 * ab) - (6 * c * b), 2 * b, 2 * c, -1 },
                { 2 * b, 0, -1, 0 },
                { 2 * c, -1, 0, 0 },
                { -1, 0, 0, 0 },
            };
            for (int i = 0; i < 4; i++)
            {
                for (int j = 0; j < 4; j++)
                {
                    bias[k] += 0.5 * hessian[i, j] * covariance[i, j];
                    variance[k] += gradient[i] * gradient[j] * covariance[i, j];
                }
            }
        }

        return (bias, variance);
    }

    /// <summary>
    /// REINFORCE without a baseline: unbiased, variance (E[r²(β − E β)²] − g²) / S. With the mean reward of the draws as
    /// baseline: mean (1 − 1/S) g, since each draw is part of its own baseline; variance to leading order that of
    /// (r − E r)(β − E β), over S.
    /// </summary>
    public static (double[] Bias, double[] Variance) Reinforce(
        double[] pi, double[] r, double[,] beta, int samples, bool baseline)
    {
        int dimension = beta.GetLength(1);
        double[] bias = new double[dimension], variance = new double[dimension];
        double meanReward = Linear.Dot(pi, r), offset = baseline ? meanReward : 0;
        for (int k = 0; k < dimension; k++)
        {
            double mean = 0, first = 0, second = 0;
            for (int a = 0; a < pi.Length; a++)
                mean += pi[a] * beta[a, k];
            for (int a = 0; a < pi.Length; a++)
            {
                double term = (r[a] - offset) * (beta[a, k] - mean);
                first += pi[a] * term;
                second += pi[a] * term * term;
            }

            bias[k] = baseline ? -first / samples : 0;
            variance[k] = (second - (first * first)) / samples;
        }

        return (bias, variance);
    }
}
