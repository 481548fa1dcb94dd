using System.Globalization;

namespace KernelPolicy.Policy;

/// <summary>How a logged reward r is weighed by its propensity p: the ways of inverse propensity scoring (IPS).</summary>
/// <remarks>
/// All but <see cref="WeightingKind.Inverse"/> give up unbiasedness for less variance. Where r ≥ 0 they understate: the
/// estimate of a policy's value is at most that of plain IPS, and the more so the less the logging policy would have acted
/// like it. <see cref="SelfNormalised"/> only rescales. Immutable; safe for concurrent use.
/// </remarks>
public sealed record PropensityWeighting
{
    private PropensityWeighting(WeightingKind kind, double parameter)
    {
        (Kind, Parameter) = (kind, parameter);
    }

    /// <summary>r / p (Horvitz and Thompson 1952): unbiased where p is the true propensity and above 0 wherever π is.</summary>
    public static PropensityWeighting Inverse { get; } = new(WeightingKind.Inverse, 0);

    /// <summary>
    /// r / p over the mean of 1 / p in the log.
    /// </summary>
    /// <remarks>
    /// <para>This normaliser is a constant of the log: it makes rewards comparable between logs (E[1/p] is the number of
    /// items that the log could hold; divided by it, weights average 1), hence learning rates, and changes no maximiser.</para>
    /// <para>It is not SNIPS (Swaminathan and Joachims, NeurIPS 2015), Σ r π/p over Σ π/p, whose normaliser depends on π, so
    /// that no reward of a row by itself gives it. To maximise SNIPS, give <see cref="LoggedReward"/> a translation b, which
    /// maximises Σ (r − b) π/p (BanditNet: Joachims, Swaminathan and de Rijke, ICLR 2018): at b equal to the SNIPS value of
    /// the policy, the gradient points as that of SNIPS does. So train, set b to the SNIPS value of the policy that came
    /// out, train on: Dinkelbach's method for ratios. The first b is the log's mean reward, the SNIPS value of the policy
    /// that logged. A translation changes the maximiser of the estimate although not that of the true value, because Σ π/p
    /// is 1 in expectation and not in the log: a policy may otherwise win by avoiding logged actions of negative reward, or
    /// by piling up on those of positive, whatever they earn.</para>
    /// </remarks>
    public static PropensityWeighting SelfNormalised { get; } = new(WeightingKind.SelfNormalised, 0);

    /// <summary>Which way.</summary>
    public WeightingKind Kind { get; }

    /// <summary>τ, γ, α or λ; 0 where the kind has none.</summary>
    public double Parameter { get; }

    /// <summary>Whether it multiplies r by a factor of p alone. Only logarithmic smoothing does not.</summary>
    public bool IsLinear => Kind != WeightingKind.LogarithmicSmoothing;

    /// <summary>r / max(τ, p) (Strehl, Langford, Li and Kakade, NIPS 2010): no weight is above 1/τ.</summary>
    /// <param name="tau">τ in [0, 1]; 0 is plain IPS.</param>
    /// <exception cref="ArgumentOutOfRangeException">τ is out of range.</exception>
    public static PropensityWeighting Clipped(double tau) =>
        new(WeightingKind.Clipped, tau is >= 0 and <= 1 ? tau : throw OutOfRange(nameof(tau), tau, "τ must lie in [0, 1]."));

    /// <summary>r / (p + γ) (implicit exploration: Neu, NIPS 2015; Gabbianelli, Neu and Papini, ALT 2024).</summary>
    /// <param name="gamma">γ, at least 0; 0 is plain IPS.</param>
    /// <exception cref="ArgumentOutOfRangeException">γ is out of range.</exception>
    public static PropensityWeighting ImplicitExploration(double gamma) => new(
        WeightingKind.ImplicitExploration,
        gamma >= 0 && double.IsFinite(gamma) ? gamma : throw OutOfRange(nameof(gamma), gamma, "γ must be at least 0 and finite."));

    /// <summary>r / p^α (exponential smoothing: Aouali, Brunel, Rohde and Korba, ICML 2023).</summary>
    /// <param name="alpha">α in [0, 1]: 1 is plain IPS, 0 does not weigh at all.</param>
    /// <exception cref="ArgumentOutOfRangeException">α is out of range.</exception>
    public static PropensityWeighting ExponentialSmoothing(double alpha) => new(
        WeightingKind.ExponentialSmoothing, alpha is >= 0 and <= 1 ? alpha : throw OutOfRange(nameof(alpha), alpha, "α must lie in [0, 1]."));

    /// <summary>
    /// (1/λ) ln(1 + λ r / p), the linear form LS-LIN of logarithmic smoothing (Sakhi, Aouali, Alquier and Chopin, NeurIPS
    /// 2024), for rewards of at least 0.
    /// </summary>
    /// <param name="lambda">λ, at least 0; 0 is plain IPS.</param>
    /// <remarks>The estimator LS itself, (1/λ) ln(1 + λ π r / p), is not linear in π: its reward, the derivative (r/p)/(1 + λ π
    /// r/p), depends on the probability that Θ gives the logged action, which no source of rewards knows. LS-LIN, which bounds
    /// it from below (the logarithm is concave), is linear, and is the form that the paper gives for learning.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">λ is out of range.</exception>
    public static PropensityWeighting LogarithmicSmoothing(double lambda) => new(
        WeightingKind.LogarithmicSmoothing,
        lambda >= 0 && double.IsFinite(lambda) ? lambda : throw OutOfRange(nameof(lambda), lambda, "λ must be at least 0 and finite."));

    /// <summary>Kind and parameter.</summary>
    public override string ToString() => Kind switch
    {
        WeightingKind.Clipped => string.Create(CultureInfo.InvariantCulture, $"clipped IPS, τ = {Parameter}"),
        WeightingKind.SelfNormalised => "self-normalised IPS",
        WeightingKind.ImplicitExploration => string.Create(CultureInfo.InvariantCulture, $"implicit exploration, γ = {Parameter}"),
        WeightingKind.ExponentialSmoothing => string.Create(CultureInfo.InvariantCulture, $"exponential smoothing, α = {Parameter}"),
        WeightingKind.LogarithmicSmoothing => string.Create(CultureInfo.InvariantCulture, $"logarithmic smoothing, λ = {Parameter}"),
        _ => "IPS",
    };

    /// <summary>The weighed reward of one row.</summary>
    /// <param name="reward">r; at least 0 for logarithmic smoothing.</param>
    /// <param name="propensity">p.</param>
    /// <param name="meanInverse">Mean of 1/p over the log, read where the kind is self-normalised.</param>
    internal double Weigh(double reward, double propensity, double meanInverse) => Kind switch
    {
        WeightingKind.Clipped => reward / Math.Max(Parameter, propensity),
        WeightingKind.SelfNormalised => reward / propensity / meanInverse,
        WeightingKind.ImplicitExploration => reward / (propensity + Parameter),
        WeightingKind.ExponentialSmoothing => reward / Math.Pow(propensity, Parameter),
        WeightingKind.LogarithmicSmoothing when Parameter > 0 => LogOnePlus(Parameter * reward / propensity) / Parameter,
        _ => reward / propensity,
    };

    // ln(1 + x) without the loss of x's digits where it is small (Higham, Accuracy and Stability, 1.14.1); ∞ for ∞.
    private static double LogOnePlus(double x)
    {
        double rounded = 1 + x;
        return rounded == 1 || double.IsInfinity(rounded) ? x : Math.Log(rounded) * (x / (rounded - 1));
    }

    private static ArgumentOutOfRangeException OutOfRange(string name, double value, string range) => new(name, value, range);
}
