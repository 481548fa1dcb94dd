namespace KernelPolicy.Index;

/// <summary>How far the build of a graph has come.</summary>
/// <param name="Done">Items inserted, and then items given their links by inner product.</param>
/// <param name="Total">What there is to do of both; exact duplicates are not inserted.</param>
public readonly record struct HnswProgress(int Done, int Total);

/// <summary>What a build found and did.</summary>
/// <param name="Items">P.</param>
/// <param name="Duplicates">Items whose vector equals, bit for bit, that of a smaller item. They are no nodes of the
/// graph; a search that finds the first of them returns them all.</param>
/// <param name="Unreachable">Nodes that no path from the entry reached on layer 0 before the repair.</param>
/// <param name="Repaired">Links that the repair added; each may bring a whole region back. Afterwards every node is
/// reachable.</param>
/// <param name="Layers">Layers of the graph.</param>
/// <param name="MeanLinks">Links of a node on layer 0, on average.</param>
/// <param name="NormVariation">Standard deviation of the items' norms over their mean.</param>
/// <param name="Seconds">Seconds that the build took; 0 for a graph that was loaded.</param>
/// <param name="Choice">How the metric was chosen; null where it was given, or the graph was loaded.</param>
public readonly record struct HnswReport(
    int Items,
    int Duplicates,
    int Unreachable,
    int Repaired,
    int Layers,
    double MeanLinks,
    double NormVariation,
    double Seconds,
    MetricChoice? Choice = null);
