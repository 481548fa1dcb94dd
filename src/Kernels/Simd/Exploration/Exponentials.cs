namespace KernelPolicy.Kernels;

/// <summary>e^x − 1, ln(1 + x) and ln(e^a + e^b) without cancellation; the library's own double.ExpM1 and double.LogP1 cancel.</summary>
/// <remarks>Errors of a few units in the last place: W. Kahan's quotients, in which the error of forming 1 + x or e^x cancels
/// (Higham, Accuracy and Stability of Numerical Algorithms, section 1.14.1).</remarks>
public static class Exponentials
{
    /// <summary>e^x − 1.</summary>
    public static double ExpMinusOne(double x)
    {
        double power = Math.Exp(x), less = power - 1;
        if (power == 1)
            return x;
        return less == -1 || double.IsPositiveInfinity(power) ? less : less * x / Math.Log(power);
    }

    /// <summary>ln(1 + x), x ≥ −1.</summary>
    public static double LogOnePlus(double x)
    {
        double sum = 1 + x;
        if (sum == 1)
            return x;
        return sum == 0 || double.IsPositiveInfinity(sum) ? Math.Log(sum) : Math.Log(sum) * x / (sum - 1);
    }

    /// <summary>ln(e^a + e^b); −∞ stands for nothing.</summary>
    public static double LogSum(double a, double b)
    {
        double larger = Math.Max(a, b);
        return double.IsInfinity(larger) ? larger : larger + LogOnePlus(Math.Exp(Math.Min(a, b) - larger));
    }
}
