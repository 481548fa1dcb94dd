namespace KernelPolicy.Policy;

/// <summary>An estimator of V(π) = E_x Σ_a π(a|x) r(a, x) from a log, w = π(a_i|x_i)/p_i.</summary>
public enum OffPolicyEstimator
{
    /// <summary>(1/N) Σ r_i: the value of the policy that made the log, for comparison.</summary>
    LoggingPolicy,

    /// <summary>Inverse propensity scoring: (1/N) Σ w_i r_i. Unbiased where π has no mass outside the log's support.</summary>
    Ips,

    /// <summary>Clipped IPS: (1/N) Σ w̃_i r_i, w̃ by <see cref="WeightClip"/>. Biased towards 0, less variable.</summary>
    ClippedIps,

    /// <summary>Self-normalised IPS: Σ w_i r_i / Σ w_i (Swaminathan and Joachims, NeurIPS 2015). Consistent; does not change
    /// with a shift of the rewards.</summary>
    SelfNormalisedIps,

    /// <summary>Direct method: (1/N) Σ E_π[r_M(·, x_i)]. As biased as the model.</summary>
    DirectMethod,

    /// <summary>Doubly robust: (1/N) Σ E_π[r_M(·, x_i)] + w_i (r_i − r_M(a_i, x_i)) (Dudík et al., 2014).</summary>
    DoublyRobust,

    /// <summary>Doubly robust with clipped weights w̃ (Su et al., ICML 2020).</summary>
    ClippedDoublyRobust,

    /// <summary>Logarithmic smoothing: (1/(Nλ)) Σ ln(1 + λ w_i r_i), r ≥ 0 (Sakhi et al., NeurIPS 2024). Pessimistic.</summary>
    LogarithmicSmoothing,
}
