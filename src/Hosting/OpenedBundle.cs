using KernelPolicy.Policy;

namespace KernelPolicy.Hosting;

/// <summary>The bundle that was opened when the host started.</summary>
/// <param name="Host">What serves; the container's to dispose.</param>
/// <param name="Stamp">The file before it was opened: one that replaces it meanwhile is told from it.</param>
internal sealed record OpenedBundle(RecommenderHost Host, FileStamp Stamp)
{
    /// <summary>Opens the bundle that the options name.</summary>
    public static OpenedBundle Open(KernelPolicyOptions options)
    {
        FileStamp stamp = FileStamp.Of(options.BundlePath);
        return new OpenedBundle(new RecommenderHost(OpenRecommender(options)), stamp);
    }

    /// <summary>Opens the bundle as it is now.</summary>
    public static Recommender OpenRecommender(KernelPolicyOptions options) => Recommender.Open(
        options.BundlePath, new RecommenderOptions { EfSearch = options.EfSearch, Verification = options.Verification });
}
