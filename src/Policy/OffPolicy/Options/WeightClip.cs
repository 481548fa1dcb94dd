using System.Globalization;

namespace KernelPolicy.Policy;

/// <summary>The rule by which clipped estimators bound an importance weight w = π/p.</summary>
/// <remarks>Two rules, not the same: that of clipped rewards in training, which raises small propensities, and that which cuts
/// the weight itself. Where the catalogue is large, all propensities may be small and the first then shrinks weights that are
/// no danger; the second leaves w = 1 alone.</remarks>
public readonly record struct WeightClip
{
    private WeightClip(double floor, double most) => (PropensityFloor, Most) = (floor, most);

    /// <summary>τ: w = π/max(τ, p); 0 where the rule is the other one.</summary>
    public double PropensityFloor { get; }

    /// <summary>The largest weight that the rule lets pass: M, or 1/τ since π ≤ 1.</summary>
    public double Most { get; }

    /// <summary>w = π/max(τ, p): the rule of clipped IPS rewards r/max(τ, p) (algorithm.md, reward estimators).</summary>
    /// <param name="tau">τ in (0, 1].</param>
    /// <exception cref="ArgumentOutOfRangeException">τ is out of its range.</exception>
    public static WeightClip AtPropensity(double tau)
    {
        if (!(tau is > 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(tau), tau, "τ must lie in (0, 1].");
        return new WeightClip(tau, 1 / tau);
    }

    /// <summary>w = min(π/p, M) (Ionides, Truncated Importance Sampling, 2008).</summary>
    /// <param name="most">M, finite, above 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">M is out of its range.</exception>
    public static WeightClip AtWeight(double most)
    {
        if (!(double.IsFinite(most) && most > 0))
            throw new ArgumentOutOfRangeException(nameof(most), most, "M must be finite and above 0.");
        return new WeightClip(0, most);
    }

    /// <summary>The clipped weight.</summary>
    /// <param name="probability">π.</param>
    /// <param name="propensity">p, above 0.</param>
    public double Apply(double probability, double propensity) =>
        Math.Min(probability / Math.Max(PropensityFloor, propensity), Most);

    /// <summary>The rule in words.</summary>
    public override string ToString() => PropensityFloor > 0
        ? string.Create(CultureInfo.InvariantCulture, $"π/max({PropensityFloor:G6}, p)")
        : string.Create(CultureInfo.InvariantCulture, $"min(π/p, {Most:G6})");
}
