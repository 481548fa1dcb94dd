namespace KernelPolicy.Policy;

/// <summary>What one estimator says of a policy's value.</summary>
/// <param name="Estimator">Which.</param>
/// <param name="Value">The estimate; NaN for self-normalised IPS where all weights are 0.</param>
/// <param name="StandardError">√(Σψ²/(N(N−1))), ψ the estimator's influence function at each row; NaN below two rows.</param>
/// <param name="Interval">Value ± quantile · standard error: right as N grows, where the estimator has a variance. For
/// biased estimators it covers what they estimate, not V.</param>
/// <param name="Bootstrap">Percentile interval of the bootstrap; null where none was asked for or there are fewer than two
/// rows.</param>
/// <param name="FiniteSample">
/// An interval that holds for V at any N, without normality, for logged propensities and exact probabilities; null where the
/// estimator has none. Logarithmic smoothing: its own bound. Clipped IPS with a finite <see cref="RewardRange"/>: empirical
/// Bernstein. The upper end comes from the same bound on the rewards' complement.
/// </param>
public sealed record ValueEstimate(
    OffPolicyEstimator Estimator,
    double Value,
    double StandardError,
    ConfidenceInterval Interval,
    ConfidenceInterval? Bootstrap,
    ConfidenceInterval? FiniteSample);
