namespace KernelPolicy.Tests.Reference;

/// <summary>
/// The mass function of Binomial(n, p) around its mode: ratios of neighbours, mass(k + 1)/mass(k) = (n − k)p / ((k + 1)(1 − p)), from the
/// mode outwards until nothing is left, then divided by their sum.
/// </summary>
internal static class BinomialMass
{
    private const double Negligible = 1e-25;

    /// <summary>The first k with a mass worth listing, and the masses from there.</summary>
    public static (long First, double[] Masses) Of(long n, double p)
    {
        long mode = Math.Min(n, (long)Math.Floor((n + 1) * p));
        List<double> below = [], above = [1];
        double mass = 1;
        for (long k = mode; k > 0 && mass > Negligible; k--)
            below.Add(mass *= k * (1 - p) / ((n - k + 1) * p));
        mass = 1;
        for (long k = mode; k < n && mass > Negligible; k++)
            above.Add(mass *= (n - k) * p / ((k + 1) * (1 - p)));
        double sum = below.Sum() + above.Sum();
        return (mode - below.Count, [.. Enumerable.Reverse(below).Concat(above).Select(m => m / sum)]);
    }
}
