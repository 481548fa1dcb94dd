namespace KernelPolicy.Policy;

/// <summary>The range in which every reward is known to lie before a log is seen.</summary>
/// <param name="Least">The least reward, finite.</param>
/// <param name="Most">The largest reward, above <paramref name="Least"/>; +∞ where unknown.</param>
public readonly record struct RewardRange(double Least, double Most);
