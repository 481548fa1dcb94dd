namespace KernelPolicy.Policy;

/// <summary>What strata do with the head that an earlier visit to the same context found.</summary>
public enum HeadReuse
{
    /// <summary>Nothing: each visit searches anew, and no head is kept.</summary>
    None,

    /// <summary>Each visit searches, beginning from the earlier head where the index is a graph.</summary>
    WarmStart,

    /// <summary>Each visit searches, and the earlier head is summed as well.</summary>
    Union,

    /// <summary>The earlier head, scored anew, stands in for a search, until so many visits have passed or the tail's draws say that
    /// it misses too much.</summary>
    Instead,
}
