namespace KernelPolicy.Index;

/// <summary>What a guard did after it had measured recall.</summary>
public enum GuardAction
{
    /// <summary>Nothing: recall was at the bound or above it, or every item is scanned already.</summary>
    Kept = 0,

    /// <summary>It searches the graph more widely from now on, which brought recall to the bound.</summary>
    Widened = 1,

    /// <summary>It scans every item from now on: no search of the graph that is cheaper than that reached the bound.</summary>
    FellBackToExact = 2,

    /// <summary>It was not to act: recall was measured and nothing else.</summary>
    Measured = 3,

    /// <summary>It built the graph anew on items that had moved, which brought recall to the bound.</summary>
    Rebuilt = 4,
}

/// <summary>What a guard found and did on one set of queries.</summary>
/// <param name="Action">What it did.</param>
/// <param name="EfBefore">Candidates that a search for the K items kept before, at least K; null where every item was
/// scanned.</param>
/// <param name="Before">Recall before.</param>
/// <param name="EfTried">The widest search of the graph that was measured; null where every item was scanned
/// before.</param>
/// <param name="MassRecallTried">Its mass-weighted recall: where the guard fell back, too little.</param>
/// <param name="EfAfter">Candidates that such a search keeps from now on; null where every item is scanned.</param>
/// <param name="After">Recall from now on, on the same queries.</param>
public readonly record struct RecallCheck(
    GuardAction Action,
    int? EfBefore,
    RecallResult Before,
    int? EfTried,
    double MassRecallTried,
    int? EfAfter,
    RecallResult After)
{
    /// <summary>Whether the guard changed how it searches.</summary>
    public bool HasActed => Action is GuardAction.Widened or GuardAction.FellBackToExact or GuardAction.Rebuilt;
}

/// <summary>How a guard searches: what must be kept to go on elsewhere with the same searches.</summary>
/// <param name="EfSearch">Candidates kept in the graph; where every item is scanned, the last that were.</param>
/// <param name="IsExact">Whether every item is scanned.</param>
public readonly record struct GuardState(int EfSearch, bool IsExact);
