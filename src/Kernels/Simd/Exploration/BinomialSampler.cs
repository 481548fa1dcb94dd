namespace KernelPolicy.Kernels;

/// <summary>
/// Draws from Binomial(n, p) at a cost that does not grow with n: inversion where n·min(p, 1 − p) is below 10, else transformed
/// rejection with squeeze.
/// </summary>
/// <remarks>
/// <para>Exact up to rounding: relative errors of the mass function below 10⁻⁶ at n = 2^31 and far less for smaller n, and no more
/// than 2^52 different uniform numbers.</para>
/// <para>Source: Hörmann, The generation of binomial random variates, J. Statist. Comput. Simul. 46 (1993), algorithm BTRS; inversion
/// by the recurrence of the mass function, Kachitvichyanukul and Schmeiser, CACM 31 (1988), algorithm BINV. Thread-safe.</para>
/// </remarks>
public static class BinomialSampler
{
    private const double LeastForRejection = 10;

    // n·p < 10: the chance of more than this is below 10⁻¹⁵⁰, and only rounding comes here.
    private const int MostByInversion = 200;

    // ln k! − [½ ln 2π + (k + ½) ln(k + 1) − (k + 1)] of k = 0 … 9.
    private static ReadOnlySpan<double> StirlingErrors =>
    [
        0.08106146679532726, 0.04134069595540929, 0.02767792568499834, 0.02079067210376509, 0.01664469118982119,
        0.01387612882307075, 0.01189670994589177, 0.01041126526197209, 0.009255462182712733, 0.008330563433362871,
    ];

    /// <summary>One draw.</summary>
    /// <param name="n">Trials, at least 0.</param>
    /// <param name="p">Chance of each, in [0, 1].</param>
    /// <param name="draws">Uniform numbers; a random number of them is used.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of its range.</exception>
    public static int Draw(int n, double p, ref DrawSequence draws)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(n);
        if (!(p is >= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(p), p, "The chance must lie in [0, 1].");
        if (p > 0.5)
            return n - AtMostHalf(n, 1 - p, ref draws);
        return AtMostHalf(n, p, ref draws);
    }

    private static int AtMostHalf(int n, double p, ref DrawSequence draws)
    {
        if (n == 0 || p == 0)
            return 0;
        return n * p < LeastForRejection ? Invert(n, p, ref draws) : Reject(n, p, ref draws);
    }

    private static int Invert(int n, double p, ref DrawSequence draws)
    {
        double odds = p / (1 - p), none = Math.Exp(n * Exponentials.LogOnePlus(-p));
        while (true)
        {
            double left = draws.Open(), mass = none;
            for (int k = 0; k <= Math.Min(n, MostByInversion); k++)
            {
                if (left <= mass)
                    return k;
                left -= mass;
                mass *= odds * (n - k) / (k + 1);
            }
        }
    }

    private static int Reject(int n, double p, ref DrawSequence draws)
    {
        double spread = Math.Sqrt(n * p * (1 - p)), odds = p / (1 - p);
        double b = 1.15 + (2.53 * spread), a = -0.0873 + (0.0248 * b) + (0.01 * p), c = (n * p) + 0.5;
        double squeeze = 0.92 - (4.2 / b), alpha = (2.83 + (5.1 / b)) * spread, mode = Math.Floor((n + 1.0) * p);
        while (true)
        {
            double u = draws.Open() - 0.5, v = draws.Open(), side = 0.5 - Math.Abs(u);
            double k = Math.Floor((((2 * a / side) + b) * u) + c);
            if (!(k >= 0 && k <= n))
                continue;
            if (side >= 0.07 && v <= squeeze)
                return (int)k;
            double log = Math.Log(v * alpha / ((a / (side * side)) + b));
            double bound = ((mode + 0.5) * Math.Log((mode + 1) / (odds * (n - mode + 1))))
                + ((n + 1.0) * Math.Log((n - mode + 1) / (n - k + 1)))
                + ((k + 0.5) * Math.Log(odds * (n - k + 1) / (k + 1)))
                + StirlingError(mode) + StirlingError(n - mode) - StirlingError(k) - StirlingError(n - k);
            if (log <= bound)
                return (int)k;
        }
    }

    private static double StirlingError(double k)
    {
        if (k < StirlingErrors.Length)
            return StirlingErrors[(int)k];
        double inverse = 1 / (k + 1), square = inverse * inverse;
        return ((1.0 / 12) - (((1.0 / 360) - (((1.0 / 1260) - (square / 1680)) * square)) * square)) * inverse;
    }
}
