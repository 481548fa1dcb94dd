namespace KernelPolicy.Kernels;

/// <summary>
/// The propensity of each place of a slate given those before it, by Plackett and Luce: π_i = e^{φ_i} / (R + Σ_{j ≥ i} e^{φ_j}), R the sum
/// over what was not served.
/// </summary>
public static class SlatePropensity
{
    /// <summary>Fills logarithms and errors.</summary>
    /// <remarks>Sums run from the last place to the first, in logarithms, so that nothing is subtracted: a slate whose first item holds
    /// all but 10⁻³⁰⁰ of the policy has exact propensities behind it. R's error is the only one: place i has the relative error
    /// e_R·R/Z_i, to first order.</remarks>
    /// <param name="logits">φ of the slate [N], first drawn first.</param>
    /// <param name="logRest">ln R; −∞ for nothing.</param>
    /// <param name="restError">Standard error of R as a share of R.</param>
    /// <param name="logPropensities">Receives ln π_i [N], at most 0.</param>
    /// <param name="relativeErrors">Receives the standard error of Z_i as a share of it [N], which is that of ln π_i.</param>
    public static void Fill(
        ReadOnlySpan<double> logits, double logRest, double restError, Span<double> logPropensities, Span<double> relativeErrors)
    {
        double logZ = logRest;
        for (int i = logits.Length - 1; i >= 0; i--)
        {
            logZ = Exponentials.LogSum(logZ, logits[i]);
            logPropensities[i] = logits[i] - logZ;
            relativeErrors[i] = restError == 0 ? 0 : restError * Math.Exp(logRest - logZ);
        }
    }
}
