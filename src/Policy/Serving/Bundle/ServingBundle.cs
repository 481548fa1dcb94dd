using KernelPolicy.Index;
using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>
/// What recommends, opened from a .kpolicy bundle: Θ, b, β, an index over β, the items' ids and the facts of the training.
/// </summary>
/// <remarks>
/// Immutable; any number of threads may read. β, the links and the codes lie in the mapped file. The file may be replaced by
/// renaming another over it while it is open; it must not be changed in place.
/// </remarks>
public sealed class ServingBundle : IDisposable
{
    internal ServingBundle(
        QueryMap query, Matrix items, HnswIndex index, ItemIdTable ids, IReadOnlyDictionary<string, string> facts) =>
        (Query, Items, Index, Ids, Facts) = (query, items, index, ids, facts);

    /// <summary>How a context becomes a query: Θ [L, L] and b.</summary>
    public QueryMap Query { get; }

    /// <summary>β [P, L]; its shape alone where the bundle holds codes (<see cref="Holds"/>).</summary>
    public Matrix Items { get; }

    /// <summary>What it holds of its items.</summary>
    public BundleItems Holds => Items.HasValues ? BundleItems.Vectors : BundleItems.Codes;

    /// <summary>The index over β.</summary>
    public HnswIndex Index { get; }

    /// <summary>The items' own ids.</summary>
    public ItemIdTable Ids { get; }

    /// <summary>How the policy came to be.</summary>
    public IReadOnlyDictionary<string, string> Facts { get; }

    /// <summary>Writes a bundle, whole or not at all.</summary>
    /// <param name="path">The file; replaced by renaming.</param>
    /// <param name="policy">The policy.</param>
    /// <param name="index">An index over the policy's items.</param>
    /// <param name="items">What it holds of the items.</param>
    /// <exception cref="ArgumentException">The index is over other items, or has no codes where they are to stand alone, two items have the same id, or an id is longer than
    /// <see cref="ItemIdTable.LongestId"/> bytes.</exception>
    /// <exception cref="IOException">The file cannot be written; an older one is left as it was.</exception>
    public static void Save(string path, SoftmaxPolicy policy, HnswIndex index, BundleItems items = BundleItems.Vectors)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(index);
        if (!ReferenceEquals(index.Items, policy.Items))
            throw new ArgumentException("The index is over other items than the policy's.", nameof(index));
        if (items is not (BundleItems.Vectors or BundleItems.Codes))
            throw new ArgumentOutOfRangeException(nameof(items), items, $"A bundle holds {nameof(BundleItems.Vectors)} or {nameof(BundleItems.Codes)}.");
        if (items == BundleItems.Codes && index.Options.Traversal != HnswTraversal.Codes)
            throw new ArgumentException($"The index is walked by {index.Options.Traversal}; a bundle of codes alone needs one that is walked by codes.", nameof(index));
        BundleFile.Write(path, policy, index, items);
    }

    /// <summary>Opens a bundle.</summary>
    /// <param name="path">The file.</param>
    /// <param name="verification">How much of it is checked.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is not a bundle, is newer than this library, or is damaged; the message names
    /// file, offset and what was expected there.</exception>
    public static ServingBundle Open(string path, BundleVerification verification = BundleVerification.Full)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return PolicyActivities.Trace(PolicyActivities.OpenBundle, activity =>
        {
            activity?.SetTag(PolicyActivities.FilePath, path);
            activity?.SetTag(PolicyActivities.Verification, verification.ToString());
            ServingBundle bundle = BundleFile.Read(path, verification);
            activity?.SetTag(PolicyActivities.Items, bundle.Items.Rows);
            activity?.SetTag(PolicyActivities.Dimension, bundle.Items.Columns);
            return bundle;
        });
    }

    /// <summary>Lets go of the file. No search may be running.</summary>
    public void Dispose()
    {
        Index.Dispose();
        Ids.Dispose();
        Items.Dispose();
        Query.Bias?.Dispose();
        Query.Theta.Dispose();
    }
}
