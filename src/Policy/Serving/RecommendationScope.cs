using KernelPolicy.Index;

namespace KernelPolicy.Policy;

/// <summary>Which items one request may be given; all that are available where it is the default.</summary>
public readonly ref struct RecommendationScope
{
    /// <summary>The items that may be recommended; all where null. A filter from a list of banned items allows what it does not
    /// know, so that it stays of use while items are added.</summary>
    public ItemFilter? Allowed { get; init; }

    /// <summary>Items that are left out, as those already seen: a short list, in any order. So many more are searched.</summary>
    public ReadOnlySpan<int> Excluded { get; init; }
}
