namespace KernelPolicy.Index;

/// <summary>What "near" means when the links of the graph are chosen. The search goes by inner product whichever it
/// is.</summary>
public enum HnswMetric
{
    /// <summary>
    /// The inner product itself (ip-NSW, Morozov and Babenko 2018). It is no distance: where norms vary, most links lead
    /// to the few longest items and the rest of the catalogue may be out of reach.
    /// </summary>
    InnerProduct = 0,

    /// <summary>
    /// The Euclidean distance after adding one dimension that gives every item the largest norm (Bachrach et al. 2014):
    /// b → (b, √(max² − |b|²)). The nearest item of (q, 0) is the item of largest inner product with q.
    /// </summary>
    NormAugmented = 1,

    /// <summary>The Euclidean distance between the items as they are (PSP, PVLDB 18).</summary>
    Euclidean = 2,

    /// <summary>The angle between the items, whatever their lengths (ip-NSW+, Liu et al. 2020).</summary>
    Angular = 3,

    /// <summary>The one that finds most for its work on a sample of the catalogue (<see cref="MetricChoice"/>).</summary>
    Automatic = 4,
}
