namespace KernelPolicy.Kernels;

/// <summary>What a control variate may take away.</summary>
public enum LineKind
{
    /// <summary>Nothing: u = 0.</summary>
    None,

    /// <summary>A constant: u = c0.</summary>
    Level,

    /// <summary>A line: u = c0 + c1·f.</summary>
    Sloped,
}

/// <summary>u(f) = c0 + c1·f, whose sum over the catalogue is known exactly.</summary>
/// <param name="Intercept">c0.</param>
/// <param name="Slope">c1.</param>
public readonly record struct LinearControl(double Intercept, double Slope)
{
    /// <summary>u(f).</summary>
    public double At(double score) => Intercept + (Slope * score);

    /// <summary>The share-weighted mean of two.</summary>
    public static LinearControl Mix(LinearControl a, LinearControl b, double shareOfA) => new(
        (shareOfA * a.Intercept) + ((1 - shareOfA) * b.Intercept),
        (shareOfA * a.Slope) + ((1 - shareOfA) * b.Slope));

    /// <summary>Whether the values are so nearly linear in the scores that a slope is worth its noise: it must explain more than
    /// half of their variance, and with few draws more, since one large value can lie on a line of its own.</summary>
    /// <param name="scores">f [n].</param>
    /// <param name="values">What is summed [n].</param>
    public static bool IsLinear(ReadOnlySpan<float> scores, ReadOnlySpan<float> values)
    {
        (_, _, double ff, double fv, double vv) = Moments(scores, values);
        return fv * fv > (0.5 + (2.4 / scores.Length)) * ff * vv;
    }

    /// <summary>The least-squares line of a kind through the draws.</summary>
    /// <param name="scores">f [n], n at least 1.</param>
    /// <param name="values">What is summed [n].</param>
    /// <param name="kind">What the line may be.</param>
    public static LinearControl Fit(ReadOnlySpan<float> scores, ReadOnlySpan<float> values, LineKind kind)
    {
        if (kind == LineKind.None)
            return default;
        (double f, double v, double ff, double fv, _) = Moments(scores, values);
        double slope = kind == LineKind.Sloped && ff > 0 ? fv / ff : 0;
        return new LinearControl(v - (slope * f), slope);
    }

    // Means, then sums of squares and products about them.
    private static (double F, double V, double FF, double FV, double VV) Moments(ReadOnlySpan<float> scores, ReadOnlySpan<float> values)
    {
        double f = 0, v = 0;
        for (int j = 0; j < scores.Length; j++)
        {
            f += scores[j];
            v += values[j];
        }

        f /= scores.Length;
        v /= scores.Length;
        double ff = 0, fv = 0, vv = 0;
        for (int j = 0; j < scores.Length; j++)
        {
            double df = scores[j] - f, dv = values[j] - v;
            ff += df * df;
            fv += df * dv;
            vv += dv * dv;
        }

        return (f, v, ff, fv, vv);
    }
}
