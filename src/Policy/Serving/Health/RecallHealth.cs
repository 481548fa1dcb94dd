namespace KernelPolicy.Policy;

/// <summary>Whether a recommender finds what it should.</summary>
public enum RecallStatus
{
    /// <summary>The recall is at or above the bound, or too little has been sampled to say.</summary>
    Healthy,

    /// <summary>The recall is below the bound, or the last audit failed.</summary>
    Degraded,
}

/// <summary>What audits of real requests say.</summary>
/// <param name="Status">The judgement.</param>
/// <param name="Recall">Share of the exact top K that was found, weighted towards recent samples; NaN before the first.</param>
/// <param name="Samples">Queries audited.</param>
/// <param name="Description">The same in a sentence.</param>
public sealed record RecallHealth(RecallStatus Status, double Recall, long Samples, string Description);
