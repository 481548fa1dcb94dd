namespace KernelPolicy.Policy;

/// <summary>How much of a bundle is read and checked when it is opened.</summary>
public enum BundleVerification
{
    /// <summary>Everything: checksums of all tables, that their numbers are finite, every link of the graph, and that every item is
    /// found by its id. The whole file is read once.</summary>
    Full,

    /// <summary>
    /// The table of sections, all sizes, and the small sections with their checksums and numbers; the large tables stay unread until requests
    /// touch them. For a file that was opened with <see cref="Full"/> before, as when it was deployed: a damaged graph may send a
    /// search outside its memory and end the process.
    /// </summary>
    Sizes,
}
