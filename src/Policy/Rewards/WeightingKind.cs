namespace KernelPolicy.Policy;

/// <summary>How a logged reward r is weighed by its propensity p.</summary>
public enum WeightingKind
{
    /// <summary>r / p.</summary>
    Inverse,

    /// <summary>r / max(τ, p).</summary>
    Clipped,

    /// <summary>r / p over the log's mean of 1 / p.</summary>
    SelfNormalised,

    /// <summary>r / (p + γ).</summary>
    ImplicitExploration,

    /// <summary>r / p^α.</summary>
    ExponentialSmoothing,

    /// <summary>(1/λ) ln(1 + λ r / p).</summary>
    LogarithmicSmoothing,
}
