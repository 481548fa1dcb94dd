namespace KernelPolicy.Policy;

/// <summary>What a training makes large, mean over contexts.</summary>
public enum ObjectiveKind
{
    /// <summary>E_π[r̂(a, x)] = Σ_a π(a|x) r̂(a, x). Its gradient in h is Cov_π[r̂, β].</summary>
    ExpectedReward,

    /// <summary>
    /// Policy-weighted log-likelihood Σ_a r̂(a, x) ln π(a|x) (Aouali and Sakhi, arXiv 2509.03456), concave in Θ where no reward
    /// is negative. Its gradient in h is Σ_a r̂_a (β_a − E_π β). The sum is over rewarded items, so the reward must be sparse.
    /// </summary>
    LogLikelihood,
}
