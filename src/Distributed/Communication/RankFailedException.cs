namespace KernelPolicy.Distributed;

/// <summary>A rank cannot go on, since another has failed, cannot be reached, or differs in what all must have in common.</summary>
/// <param name="message">Which, and how it is known.</param>
/// <param name="cause">What was seen of it; null where nothing.</param>
public sealed class RankFailedException(string message, Exception? cause = null) : Exception(message, cause);
