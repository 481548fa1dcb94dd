namespace KernelPolicy.Policy;

/// <summary>
/// An estimator whose heads may be retrieved before the batch's own queries are known: by those of one step before, while something else,
/// such as the other ranks' gradients, is waited for.
/// </summary>
/// <remarks>The estimate is unbiased for any head: an older one has items of a little less mass, whose scores are taken anew. Not
/// thread-safe.</remarks>
public interface IAheadRetrieval
{
    /// <summary>Whether it can: there are heads, retrieved in every step.</summary>
    bool RetrievesAhead { get; }

    /// <summary>Retrieves the heads of a batch that will be estimated later; those of another that was announced are dropped.</summary>
    /// <param name="batch">Contexts, step and the queries to retrieve by.</param>
    /// <param name="between">Called between parts of the search; null for nothing.</param>
    /// <exception cref="InvalidOperationException">It cannot.</exception>
    void RetrieveAhead(EstimatorBatch batch, Action? between = null);
}
