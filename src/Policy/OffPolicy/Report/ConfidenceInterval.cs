namespace KernelPolicy.Policy;

/// <summary>A two-sided interval; each side misses with half of what the confidence leaves.</summary>
/// <param name="Lower">Lower end.</param>
/// <param name="Upper">Upper end; +∞ where nothing is known.</param>
public readonly record struct ConfidenceInterval(double Lower, double Upper)
{
    /// <summary>Whether a value lies in the interval, ends included.</summary>
    public bool Contains(double value) => value >= Lower && value <= Upper;
}
