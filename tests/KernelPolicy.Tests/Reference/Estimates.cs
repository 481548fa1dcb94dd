namespace KernelPolicy.Tests.Reference;

/// <summary>
/// The vector g [L] of one context, by each estimator, for draws that are given: so that no generator need agree.
/// f [P] are the scores, r [P] the rewards, β [P, L]. Source: algorithm.md, "One gradient, many estimators".
/// </summary>
internal static class Estimates
{
    /// <summary>g = Σ_a π_a (r_a − r̄) β_a, r̄ = Σ_a π_a r_a.</summary>
    public static double[] Exact(double[] f, double[] r, double[,] beta)
    {
        double[] pi = Softmax.Weights(f);
        return Covariance([.. Enumerable.Range(0, f.Length)], pi, r, beta);
    }

    /// <summary>E_π β = Σ_a π_a β_a.</summary>
    public static double[] MeanItem(double[] f, double[,] beta) =>
        Linear.WeightedRows([.. Enumerable.Range(0, f.Length)], Softmax.Weights(f), beta);

    /// <summary>
    /// g = (1/S) Σ_s (r_s − b) (β_{a_s} − E_π β), draws from π; b = 0, or the mean reward of these draws.
    /// </summary>
    public static double[] Reinforce(double[] f, double[] r, double[,] beta, int[] draws, bool baseline)
    {
        double b = baseline ? draws.Average(a => r[a]) : 0;
        double[] mean = MeanItem(f, beta);
        double[] g = new double[mean.Length];
        foreach (int a in draws)
        {
            for (int k = 0; k < g.Length; k++)
                g[k] += (r[a] - b) * (beta[a, k] - mean[k]) / draws.Length;
        }

        return g;
    }

    /// <summary>Self-normalised weights of uniform draws: the softmax of their scores.</summary>
    public static double[] UniformWeights(double[] f, int[] draws) => Softmax.Weights([.. draws.Select(a => f[a])]);

    /// <summary>g = Σ_s w_s (r_s − r̄) β_{a_s}, w = softmax of f over uniform draws.</summary>
    public static double[] Uniform(double[] f, double[] r, double[,] beta, int[] draws) =>
        Covariance(draws, UniformWeights(f, draws), r, beta);

    /// <summary>
    /// q(a) = ε/P + (1 − ε) κ(a) [a ∈ top], κ = softmax of f over the top items: the density of one draw, whichever
    /// part of the mixture made it.
    /// </summary>
    public static double MixtureDensity(double[] f, int[] top, double epsilon, int item)
    {
        double uniform = epsilon / f.Length;
        int place = Array.IndexOf(top, item);
        if (place < 0)
            return uniform;
        return uniform + ((1 - epsilon) * Softmax.Weights([.. top.Select(a => f[a])])[place]);
    }

    /// <summary>w_s ∝ e^{f_s} / q(a_s), summing to 1.</summary>
    public static double[] MixtureWeights(double[] f, int[] top, double epsilon, int[] draws) =>
        Softmax.Weights([.. draws.Select(a => f[a] - Math.Log(MixtureDensity(f, top, epsilon, a)))]);

    /// <summary>g = Σ_s w_s (r_s − r̄) β_{a_s} with the mixture's weights.</summary>
    public static double[] Mixture(double[] f, double[] r, double[,] beta, int[] top, double epsilon, int[] draws) =>
        Covariance(draws, MixtureWeights(f, top, epsilon, draws), r, beta);

    /// <summary>The head of the strata: the top items and those whose reward is known, each once.</summary>
    public static int[] StrataHead(int[] top, IEnumerable<int> known) => [.. top.Union(known).Order()];

    /// <summary>
    /// Items, logs of the terms of Ẑ, and log Ẑ: head items enter with e^f, the l' tail draws outside the head with
    /// (P − |H|)/l' · e^f.
    /// </summary>
    public static (int[] Items, double[] LogTerms, double LogPartition) StrataTerms(
        double[] f, int[] head, int[] tailDraws)
    {
        int[] tail = [.. tailDraws.Where(a => !head.Contains(a))];
        double share = Math.Log((double)(f.Length - head.Length) / tail.Length);
        int[] items = [.. head, .. tail];
        double[] logTerms = [.. head.Select(a => f[a]), .. tail.Select(a => f[a] + share)];
        return (items, logTerms, Softmax.LogSumExp(logTerms));
    }

    /// <summary>g = Σ w (r − r̄) β over head and tail, w = the terms of Ẑ over Ẑ.</summary>
    public static double[] Strata(double[] f, double[] r, double[,] beta, int[] head, int[] tailDraws)
    {
        (int[] items, double[] logTerms, _) = StrataTerms(f, head, tailDraws);
        return Covariance(items, Softmax.Weights(logTerms), r, beta);
    }

    /// <summary>Σ_j w_j (r_j − r̄) β_{a_j}, r̄ = Σ_j w_j r_j, for weights that sum to 1; r [P] by item number.</summary>
    public static double[] Covariance(IReadOnlyList<int> items, double[] weights, double[] r, double[,] beta)
    {
        double mean = 0;
        for (int j = 0; j < items.Count; j++)
            mean += weights[j] * r[items[j]];
        double[] coefficients = new double[items.Count];
        for (int j = 0; j < items.Count; j++)
            coefficients[j] = weights[j] * (r[items[j]] - mean);
        return Linear.WeightedRows(items, coefficients, beta);
    }
}
