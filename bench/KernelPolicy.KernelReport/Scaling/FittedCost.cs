namespace KernelPolicy.KernelReport.Scaling;

/// <summary>How a cost grows with the catalogue.</summary>
internal enum CostGrowth
{
    /// <summary>Not at all: draws alone.</summary>
    Constant,

    /// <summary>As ln P: a search of the graph.</summary>
    Logarithmic,

    /// <summary>As P: a pass over the catalogue.</summary>
    Linear,
}

/// <summary>A cost as a function of P: a + b·g(P), g = 0, ln P or P, a and b not below zero.</summary>
/// <param name="Fixed">a.</param>
/// <param name="Slope">b.</param>
/// <param name="Growth">Which g.</param>
internal sealed record FittedCost(double Fixed, double Slope, CostGrowth Growth)
{
    /// <summary>Fits by least squares of relative errors, Σ ((a + b g(P) − c)/c)², so that small catalogues count as much as large ones.</summary>
    /// <remarks>
    /// Where the best a or b is below zero it is zero, and the other one is fitted alone. With a single measurement a cost that grows is
    /// b·g(P) alone: the larger guess beyond it.
    /// </remarks>
    /// <param name="costs">P and the cost there, above zero; at least one.</param>
    /// <param name="growth">g.</param>
    /// <exception cref="ArgumentException">There is no measurement, or one is not above zero.</exception>
    public static FittedCost Of(IReadOnlyList<(double Items, double Cost)> costs, CostGrowth growth)
    {
        if (costs.Count == 0)
            throw new ArgumentException("There is nothing to fit a cost to.", nameof(costs));
        foreach ((double items, double cost) in costs)
        {
            if (!(items > 1 && cost > 0 && double.IsFinite(items) && double.IsFinite(cost)))
                throw new ArgumentException($"A cost of {cost} at {items} items cannot be fitted: both must be above zero, the items above one.", nameof(costs));
        }

        // In u = 1/c and v = g/c the errors are a u + b v − 1.
        (double uu, double uv, double vv, double u, double v) = (0, 0, 0, 0, 0);
        foreach ((double items, double cost) in costs)
        {
            double x = 1 / cost, y = Shape(items, growth) / cost;
            (uu, uv, vv, u, v) = (uu + (x * x), uv + (x * y), vv + (y * y), u + x, v + y);
        }

        double onlyFixed = u / uu;
        if (growth == CostGrowth.Constant)
            return new FittedCost(onlyFixed, 0, growth);
        double onlySlope = v / vv, determinant = (uu * vv) - (uv * uv);
        if (costs.Count == 1 || determinant <= 1e-12 * uu * vv)
            return new FittedCost(0, onlySlope, growth);
        double a = ((u * vv) - (v * uv)) / determinant, b = ((v * uu) - (u * uv)) / determinant;
        return b < 0 ? new FittedCost(onlyFixed, 0, growth) : a < 0 ? new FittedCost(0, onlySlope, growth) : new FittedCost(a, b, growth);
    }

    /// <summary>The cost at P items.</summary>
    public double At(double items) => Fixed + (Slope * Shape(items, Growth));

    private static double Shape(double items, CostGrowth growth) => growth switch
    {
        CostGrowth.Linear => items,
        CostGrowth.Logarithmic => Math.Log(items),
        _ => 0,
    };
}
