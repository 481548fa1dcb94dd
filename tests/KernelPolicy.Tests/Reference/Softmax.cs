namespace KernelPolicy.Tests.Reference;

/// <summary>
/// log Σ_i e^{f_i} and e^{f_i} / Σ_k e^{f_k} of a list of logits, the maximum taken out first: the value does not change
/// and no exponential overflows. Source: algorithm.md, notation.
/// </summary>
internal static class Softmax
{
    /// <summary>m + log Σ e^{f − m}.</summary>
    public static double LogSumExp(IReadOnlyList<double> f)
    {
        double max = f.Max();
        return max + Math.Log(f.Sum(v => Math.Exp(v - max)));
    }

    /// <summary>The weights; they sum to 1.</summary>
    public static double[] Weights(IReadOnlyList<double> f)
    {
        double max = f.Max();
        double[] e = [.. f.Select(v => Math.Exp(v - max))];
        double sum = e.Sum();
        return [.. e.Select(v => v / sum)];
    }
}
