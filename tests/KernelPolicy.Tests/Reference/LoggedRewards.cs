namespace KernelPolicy.Tests.Reference;

/// <summary>
/// Estimated rewards r̂(a, x) [P] of a context whose log holds one action with propensity p and reward r. Source:
/// algorithm.md, reward estimators.
/// </summary>
internal static class LoggedRewards
{
    /// <summary>r / max(τ, p) on the logged action, 0 elsewhere.</summary>
    public static double[] ClippedIps(int items, int action, double propensity, double reward, double clip)
    {
        double[] r = new double[items];
        r[action] = reward / Math.Max(clip, propensity);
        return r;
    }

    /// <summary>r_M(a), and on the logged action r_M + (r − r_M) / max(τ, p).</summary>
    public static double[] ClippedDoublyRobust(
        double[] model, int action, double propensity, double reward, double clip)
    {
        double[] r = (double[])model.Clone();
        r[action] += (reward - model[action]) / Math.Max(clip, propensity);
        return r;
    }

    /// <summary>(1/λ) ln(1 + λ w) of a weighed reward w = r/p ≥ 0 (LS-LIN of Sakhi et al., NeurIPS 2024); w where λ is 0. Where λw is
    /// small, w − λw²/2 + λ²w³/3 − …, of which the first terms are enough.</summary>
    public static double LogarithmicSmoothing(double weighed, double lambda)
    {
        double x = lambda * weighed;
        return x < 1e-5 ? weighed * (1 - (x / 2) + (x * x / 3)) : Math.Log(1 + x) / lambda;
    }
}
