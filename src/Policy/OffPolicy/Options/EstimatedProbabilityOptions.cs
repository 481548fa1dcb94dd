namespace KernelPolicy.Policy;

/// <summary>How <see cref="EstimatedProbabilities"/> estimates Z.</summary>
/// <param name="TopK">K, items of the head that the index finds, 1 or more; P at most is used.</param>
/// <param name="TailDraws">l, uniform draws a context from the items outside the head, 2 or more.</param>
/// <param name="Seed">Seed of the draws.</param>
/// <param name="BatchSize">Contexts that share a search, 1 or more.</param>
public sealed record EstimatedProbabilityOptions(int TopK = 256, int TailDraws = 1024, ulong Seed = 0, int BatchSize = 256);
