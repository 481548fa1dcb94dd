namespace KernelPolicy.Policy;

/// <summary>What a bundle holds of its items.</summary>
public enum BundleItems
{
    /// <summary>β, and the codes by which the graph is walked: answers have exact scores, and everything works.</summary>
    Vectors,

    /// <summary>
    /// The codes alone, one byte a number instead of five: scores are those of the vectors that the codes stand for, each number of
    /// which is within 0.43 % of its row's largest. Recommending works as ever; what asks for β itself (<see cref="Recommender.Add"/>, exploration, a
    /// <see cref="RecallMonitor"/>) is an <see cref="InvalidOperationException"/>.
    /// </summary>
    Codes,
}
