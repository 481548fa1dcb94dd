namespace KernelPolicy.Index;

/// <summary>What the graph is walked by: what stands for an item until the answer is settled.</summary>
public enum HnswTraversal
{
    /// <summary>The vectors themselves: no memory beside the links, four times the traffic.</summary>
    Vectors = 0,

    /// <summary>
    /// Codes of 8 bits a number (<see cref="Kernels.ItemCodes"/>): a quarter of the traffic, for L bytes an item, rounded
    /// up to 64. The best of the candidates are scored once more, exactly, so that scores and their order are exact; what
    /// the codes cost is a candidate near the K-th place now and then.
    /// </summary>
    Codes = 1,
}
