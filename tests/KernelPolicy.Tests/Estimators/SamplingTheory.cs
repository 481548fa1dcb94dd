using KernelPolicy.Tests.Reference;

namespace KernelPolicy.Tests.Estimators;

/// <summary>
/// Mean and variance of the self-normalised covariance estimator, to leading order in 1/S, by sums over the catalogue.
/// </summary>
/// <remarks>
/// <para>With ω = π/q, ρ = r − r̄ and b = β − E_π β (a covariance does not change when its arguments are shifted), and with
/// W, C, D, E the means over the S draws of ω, ωρb, ωρ and ωb, the estimate is ĝ = C/W − D·E/W². E W = 1, E C = g,
/// E D = E E = 0. Expanded to second order:</para>
/// <para>E ĝ − g = −Cov(C, W) + g Var(W) − Cov(D, E), which is of order 1/S; Var ĝ = Var(C − g W).</para>
/// <para>The next order of the mean: third moments of means of S draws are at most M = max ω/S times second moments, and
/// appear in C(W−1)², g(W−1)³ and 2DE(W−1); fourth moments are at most 3 δ² times second ones, δ² = Var W, with the
/// binomial coefficients of 1/W and 1/W². <see cref="Allowance"/> takes (2M + 10 δ²) times the sizes of this order.</para>
/// <para>The next order of the variance, ĝ − g = V(2 − W) − DE with V = C − gW: 2 E V²(W−1) ≤ 2M Var V, and
/// 2 E VDE ≤ 2M max|ρ| √(Var V Var E); then Var DE ≤ 3 Var D Var E, and 10 δ² Var V for the rest.</para>
/// <para>Draws come from strata, each with its density and its share of S; the iid sampler is one stratum of density q. The
/// covariance of means is Σ share (E φψ − E φ E ψ) / S.</para>
/// </remarks>
internal sealed class SamplingTheory
{
    /// <summary>r [P], β [P, L], the target π [P], the weights' density q [P], strata of share and density [P].</summary>
    public SamplingTheory(
        double[] r, double[,] beta, double[] pi, double[] q, (double Share, double[] Density)[] strata, int samples)
    {
        int dimension = beta.GetLength(1);
        int[] all = [.. Enumerable.Range(0, pi.Length)];
        double meanReward = Linear.Dot(pi, r);
        double[] meanItem = Linear.WeightedRows(all, pi, beta);
        double[] omega = [.. all.Select(a => pi[a] == 0 ? 0 : pi[a] / q[a])];
        double[] rho = [.. r.Select(value => value - meanReward)];
        double Covariance(double[] x, double[] y) => strata.Sum(
            stratum => stratum.Share * (Mean(stratum.Density, x, y)
                - (Linear.Dot(stratum.Density, x) * Linear.Dot(stratum.Density, y)))) / samples;

        // Where all ω are equal rounding can leave less than nothing.
        double Variation(double[] x) => Math.Max(0, Covariance(x, x));
        double spread = Variation(omega);
        (Gradient, Bias, Allowance) = (new double[dimension], new double[dimension], new double[dimension]);
        (Variance, VarianceAllowance) = (new double[dimension], new double[dimension]);
        double third = omega.Max() / samples;
        double[] d = [.. all.Select(a => omega[a] * rho[a])];
        for (int l = 0; l < dimension; l++)
        {
            double[] b = [.. all.Select(a => beta[a, l] - meanItem[l])];
            double[] c = [.. all.Select(a => d[a] * b[a])], e = [.. all.Select(a => omega[a] * b[a])];
            double g = Enumerable.Range(0, pi.Length).Sum(a => pi[a] * rho[a] * b[a]);
            double[] linear = [.. all.Select(a => c[a] - (g * omega[a]))];
            (double cw, double de) = (Covariance(c, omega), Covariance(d, e));
            Gradient[l] = g;
            Bias[l] = -cw + (g * spread) - de;
            Variance[l] = Variation(linear);

            // Sizes by Cauchy and Schwarz, since the terms may cancel here and not in the next order.
            double size = Math.Sqrt(Variation(c) * spread) + (Math.Abs(g) * spread) + Math.Sqrt(Variation(d) * Variation(e));
            Allowance[l] = ((2 * third) + (10 * spread)) * size;
            VarianceAllowance[l] = (((2 * third) + (10 * spread)) * Variance[l])
                + (2 * third * rho.Max(Math.Abs) * Math.Sqrt(Variance[l] * Variation(e)))
                + (3 * Variation(d) * Variation(e));
        }
    }

    /// <summary>g [L].</summary>
    public double[] Gradient { get; }

    /// <summary>E ĝ − g to order 1/S [L].</summary>
    public double[] Bias { get; }

    /// <summary>What the order 1/S² may add to the mean [L].</summary>
    public double[] Allowance { get; }

    /// <summary>Var ĝ to order 1/S [L].</summary>
    public double[] Variance { get; }

    /// <summary>What the order 1/S² may change of the variance [L].</summary>
    public double[] VarianceAllowance { get; }

    private static double Mean(double[] density, double[] x, double[] y)
    {
        double sum = 0;
        for (int a = 0; a < density.Length; a++)
            sum += density[a] * x[a] * y[a];
        return sum;
    }
}
