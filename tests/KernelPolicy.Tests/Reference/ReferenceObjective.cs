using KernelPolicy.Policy;

namespace KernelPolicy.Tests.Reference;

/// <summary>
/// J(Θ) = (1/B) Σ_b [J_b − λ KL(π(·|x_b) ‖ π_ref(·|x_b))], J_b = Σ_a π r or Σ_a r ln π, π_ref the policy of Θ_ref and b_ref, or
/// uniform where Θ_ref is null; as these sums, in double precision. Sources: algorithm.md, objective; Aouali and Sakhi, arXiv 2509.03456.
/// </summary>
internal sealed record ReferenceObjective(ObjectiveKind Kind, double Lambda, double[,]? Theta, double[]? Bias = null)
{
    /// <summary>J: X [B, L], Θ [L, L], β [P, L], rewards B lists of P, b [L] or none.</summary>
    public double Value(double[,] contexts, double[,] theta, double[,] beta, double[][] rewards, double[]? bias = null)
    {
        double sum = 0;
        for (int b = 0; b < contexts.GetLength(0); b++)
        {
            double[] x = Linear.Row(contexts, b);
            double[] log = LogPolicy(Query(x, theta, bias), beta), reference = LogPolicy(Reference(x), beta);
            for (int a = 0; a < log.Length; a++)
            {
                double pi = Math.Exp(log[a]);
                sum += (rewards[b][a] * (Kind == ObjectiveKind.LogLikelihood ? log[a] : pi)) - (Lambda * pi * (log[a] - reference[a]));
            }
        }

        return sum / contexts.GetLength(0);
    }

    /// <summary>KL(π ‖ π_ref), mean over the contexts.</summary>
    public double Kl(double[,] contexts, double[,] theta, double[,] beta, double[]? bias = null)
    {
        double[][] none = [.. Enumerable.Range(0, contexts.GetLength(0)).Select(_ => new double[beta.GetLength(0)])];
        return -(this with { Lambda = 1 }).Value(contexts, theta, beta, none, bias);
    }

    /// <summary>h_ref = xΘ_ref + b_ref [L] of one context; zero for the uniform policy.</summary>
    public double[] Reference(double[] x) => Theta is { } theta ? Query(x, theta, Bias) : new double[x.Length];

    /// <summary>g [L] of one context by its closed form: h and h_ref [L], r [P], β [P, L].</summary>
    public double[] G(double[] h, double[] reference, double[] r, double[,] beta)
    {
        double[] f = Linear.Scores(h, beta), pull = Pull(h, reference, beta);
        int[] all = [.. Enumerable.Range(0, f.Length)];
        if (Kind == ObjectiveKind.ExpectedReward)
            return Estimates.Exact(f, [.. r.Zip(pull, (reward, own) => reward + own)], beta);
        double[] g = Estimates.Exact(f, pull, beta), mean = Estimates.MeanItem(f, beta), rewarded = Linear.WeightedRows(all, r, beta);
        for (int l = 0; l < g.Length; l++)
            g[l] += rewarded[l] - (r.Sum() * mean[l]);
        return g;
    }

    /// <summary>−λ (h − h_ref)·β_a of every item [P].</summary>
    public double[] Pull(double[] h, double[] reference, double[,] beta) =>
        [.. Linear.Scores([.. h.Zip(reference, (own, other) => own - other)], beta).Select(drift => -Lambda * drift)];

    private static double[] Query(double[] x, double[,] theta, double[]? bias)
    {
        double[] h = Linear.Project(x, theta);
        return bias is null ? h : [.. h.Zip(bias, (product, b) => product + b)];
    }

    private static double[] LogPolicy(double[] h, double[,] beta)
    {
        double[] f = Linear.Scores(h, beta);
        double logZ = Softmax.LogSumExp(f);
        return [.. f.Select(score => score - logZ)];
    }
}
