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
}
