namespace KernelPolicy.Policy;

/// <summary>By which rule items are chosen from a policy's scores.</summary>
public enum ExplorationKind
{
    /// <summary>The best, always.</summary>
    None,

    /// <summary>Draws from the softmax policy itself, without replacement.</summary>
    Softmax,

    /// <summary>At each place, with chance ε a uniform draw from what is left, else the best that is left.</summary>
    EpsilonGreedy,
}
