namespace KernelPolicy.Policy;

/// <summary>A reason to distrust an off-policy evaluation.</summary>
public enum EvaluationWarningKind
{
    /// <summary>Fewer than two rows: no standard errors.</summary>
    TooFewRows,

    /// <summary>Few rows have a reward: closed-form and bootstrap intervals are rough.</summary>
    FewRewardedRows,

    /// <summary>The mean weight is below 1 beyond chance: π acts where the log never did, or the log has missed the rare rows
    /// with large weights.</summary>
    MeanWeightBelowOne,

    /// <summary>The mean weight is above 1 beyond chance: propensities are too small, or belong to another decision.</summary>
    MeanWeightAboveOne,

    /// <summary>π has mass on items that no row acted on.</summary>
    UnloggedMass,

    /// <summary>All weights are 0: the log says nothing of π.</summary>
    NoWeight,

    /// <summary>One row carries a large share of the weights.</summary>
    DominantWeight,

    /// <summary>The effective sample size is small.</summary>
    LowEffectiveSampleSize,

    /// <summary>Many weights are clipped: clipped estimators are biased.</summary>
    ManyClipped,

    /// <summary>Propensities are fitted: standard errors do not contain their error, and bounds do not hold strictly.</summary>
    FittedPropensities,

    /// <summary>The noise of Ẑ biases the weights by a notable part of the standard error: draw a longer tail.</summary>
    NoisyNormaliser,

    /// <summary>Rewards are negative and no range was given: logarithmic smoothing is left out.</summary>
    NegativeRewards,
}

/// <summary>A warning with its numbers.</summary>
/// <param name="Kind">What is wrong.</param>
/// <param name="Text">The same in words.</param>
public sealed record EvaluationWarning(EvaluationWarningKind Kind, string Text);
