using KernelPolicy.Index;

namespace KernelPolicy.Policy;

/// <summary>How a recommender searches.</summary>
public sealed record RecommenderOptions
{
    /// <summary>The largest <see cref="EfSearch"/>.</summary>
    public const int LargestEfSearch = HnswOptions.LargestEf;

    /// <summary>efSearch, 1 to 2^20; that of the index file where null. More finds more, in more time.</summary>
    public int? EfSearch { get; init; }

    /// <summary>How much of a bundle is checked when it is opened.</summary>
    public BundleVerification Verification { get; init; }

    /// <summary>Watches the recall on queries of real requests; none where null. It stays the caller's.</summary>
    public RecallMonitor? Monitor { get; init; }
}
