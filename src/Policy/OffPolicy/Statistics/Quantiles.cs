namespace KernelPolicy.Policy;

/// <summary>Quantiles and tails of the distributions of the intervals.</summary>
internal static class Quantiles
{
    /// <summary>Normal quantile z with P(Z ≤ z) = <paramref name="probability"/> in (0, 1): Wichura, AS 241 (PPND16),
    /// relative error about 10⁻¹⁶.</summary>
    public static double Normal(double probability)
    {
        double q = probability - 0.5;
        if (Math.Abs(q) <= 0.425)
        {
            double r = 0.180625 - (q * q);
            return q * Ratio(
                r,
                [3.3871328727963666080e0, 1.3314166789178437745e2, 1.9715909503065514427e3, 1.3731693765509461125e4,
                 4.5921953931549871457e4, 6.7265770927008700853e4, 3.3430575583588128105e4, 2.5090809287301226727e3],
                [1, 4.2313330701600911252e1, 6.8718700749205790830e2, 5.3941960214247511077e3, 2.1213794301586595867e4,
                 3.9307895800092710610e4, 2.8729085735721942674e4, 5.2264952788528545610e3]);
        }

        double tail = Math.Sqrt(-Math.Log(q < 0 ? probability : 1 - probability));
        double value = tail <= 5
            ? Ratio(
                tail - 1.6,
                [1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0, 3.64784832476320460504e0,
                 1.27045825245236838258e0, 2.41780725177450611770e-1, 2.27238449892691845833e-2, 7.74545014278341407640e-4],
                [1, 2.05319162663775882187e0, 1.67638483018380384940e0, 6.89767334985100004550e-1, 1.48103976427480074590e-1,
                 1.51986665636164571966e-2, 5.47593808499534494600e-4, 1.05075007164441684324e-9])
            : Ratio(
                tail - 5,
                [6.65790464350110377720e0, 5.46378491116411436990e0, 1.78482653991729133580e0, 2.96560571828504891230e-1,
                 2.65321895265761230930e-2, 1.24266094738807843860e-3, 2.71155556874348757815e-5, 2.01033439929228813265e-7],
                [1, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2, 7.86869131145613259100e-4,
                 1.84631831751005468180e-5, 1.42151175831644588870e-7, 2.04426310338993978564e-15]);
        return q < 0 ? -value : value;
    }

    /// <summary>The t that |T| exceeds with probability <paramref name="outside"/>, T Student's with the given degrees of
    /// freedom: Hill, Algorithm 396, CACM 1970; relative error below 10⁻⁵.</summary>
    public static double StudentTwoSided(double outside, double degrees)
    {
        if (degrees < 1.5)
            return Math.Cos(outside * Math.PI / 2) / Math.Sin(outside * Math.PI / 2);
        if (degrees < 2.5)
            return Math.Sqrt((2 / (outside * (2 - outside))) - 2);
        double a = 1 / (degrees - 0.5), b = 48 / (a * a);
        double c = ((((20700 * a / b) - 98) * a - 16) * a) + 96.36;
        double d = ((((94.5 / (b + c)) - 3) / b) + 1) * Math.Sqrt(a * Math.PI / 2) * degrees;
        double x = d * outside;
        double y = Math.Pow(x, 2 / degrees);
        if (y > 0.05 + a)
        {
            x = Normal(outside / 2);
            y = x * x;
            if (degrees < 5)
                c += 0.3 * (degrees - 4.5) * (x + 0.6);
            c += (((((((0.05 * d * x) - 5) * x) - 7) * x) - 2) * x) + b;
            y = ((((((((((0.4 * y) + 6.3) * y) + 36) * y) + 94.5) / c) - y - 3) / b) + 1) * x;
            double e = a * y * y;
            // e^e − 1; by its series where the difference would lose its digits.
            y = e < 1e-3 ? e * (1 + (e * (0.5 + (e / 6)))) : Math.Exp(e) - 1;
        }
        else
        {
            double near = ((degrees + 6) / (degrees * y)) - (0.089 * d) - 0.822;
            y = (((((1 / (near * (degrees + 2) * 3)) + (0.5 / (degrees + 4))) * y) - 1) * (degrees + 1) / (degrees + 2)) + (1 / y);
        }

        return Math.Sqrt(degrees * y);
    }

    /// <summary>P(|Z| ≥ |z|) of the normal distribution: Chebyshev fit of erfc, relative error 1.2·10⁻⁷ (Press et al., Numerical
    /// Recipes, section 6.2).</summary>
    public static double NormalTwoSidedTail(double z)
    {
        double x = Math.Abs(z) / Math.Sqrt(2);
        double t = 1 / (1 + (0.5 * x));
        ReadOnlySpan<double> c =
            [-1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587, -0.82215223, 0.17087277];
        return t * Math.Exp(Horner(t, c) - (x * x));
    }

    /// <summary>The quantile of sorted values by linear interpolation (Hyndman and Fan, type 7).</summary>
    public static double Sorted(ReadOnlySpan<double> values, double probability)
    {
        double place = probability * (values.Length - 1);
        int below = Math.Min((int)place, values.Length - 1), above = Math.Min(below + 1, values.Length - 1);
        return values[below] + ((place - below) * (values[above] - values[below]));
    }

    private static double Ratio(double x, ReadOnlySpan<double> numerator, ReadOnlySpan<double> denominator) =>
        Horner(x, numerator) / Horner(x, denominator);

    private static double Horner(double x, ReadOnlySpan<double> coefficients)
    {
        double value = 0;
        for (int i = coefficients.Length - 1; i >= 0; i--)
            value = (value * x) + coefficients[i];
        return value;
    }
}
