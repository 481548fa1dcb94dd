namespace KernelPolicy.Tests.Reference;

/// <summary>Off-policy estimators and their standard errors as they are written down, row by row, in double precision.
/// Source: algorithm.md, off-policy evaluation; Dudík et al. 2014; Swaminathan and Joachims 2015; Sakhi et al. 2024.</summary>
internal static class OffPolicyValues
{
    /// <summary>The mean of terms and √(s²/N).</summary>
    public static (double Value, double Error) Mean(IReadOnlyList<double> terms)
    {
        double mean = terms.Average();
        return (mean, Math.Sqrt(terms.Sum(t => Math.Pow(t - mean, 2)) / (terms.Count - 1) / terms.Count));
    }

    public static (double Value, double Error) Ips(double[] w, double[] r) => Mean([.. w.Zip(r, (a, b) => a * b)]);

    /// <summary>Σwr/Σw; error from the influence function w(r − V)/w̄.</summary>
    public static (double Value, double Error) SelfNormalised(double[] w, double[] r)
    {
        double value = w.Zip(r, (a, b) => a * b).Sum() / w.Sum(), mean = w.Average();
        double squares = w.Zip(r, (a, b) => Math.Pow(a * (b - value) / mean, 2)).Sum();
        return (value, Math.Sqrt(squares / (w.Length - 1) / w.Length));
    }

    /// <summary>Mean of v + w(r − q).</summary>
    public static (double Value, double Error) DoublyRobust(double[] w, double[] r, double[] v, double[] q) =>
        Mean([.. Enumerable.Range(0, w.Length).Select(i => v[i] + (w[i] * (r[i] - q[i])))]);

    /// <summary>Mean of ln(1 + λwr)/λ.</summary>
    public static (double Value, double Error) Smoothed(double[] w, double[] r, double lambda) =>
        Mean([.. w.Zip(r, (a, b) => Math.Log(1 + (lambda * a * b)) / lambda)]);

    /// <summary>(Σw)²/Σw².</summary>
    public static double EffectiveSampleSize(double[] w) => Math.Pow(w.Sum(), 2) / w.Sum(x => x * x);
}
