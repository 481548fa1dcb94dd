namespace KernelPolicy.Policy;

/// <summary>Some items of one context, with their scores, rewards and distances from the mean item.</summary>
/// <param name="scores">f [n].</param>
/// <param name="rewards">r̂ [n].</param>
/// <param name="spreads">V = ‖β − β̄‖² [n].</param>
public readonly ref struct ScoredRewards(ReadOnlySpan<float> scores, ReadOnlySpan<float> rewards, ReadOnlySpan<float> spreads)
{
    /// <summary>f [n].</summary>
    public ReadOnlySpan<float> Scores { get; } = scores;

    /// <summary>r̂ [n].</summary>
    public ReadOnlySpan<float> Rewards { get; } = rewards;

    /// <summary>V = ‖β − β̄‖² [n].</summary>
    public ReadOnlySpan<float> Spreads { get; } = spreads;

    /// <summary>n.</summary>
    public int Count => Scores.Length;
}
