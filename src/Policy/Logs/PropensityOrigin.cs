namespace KernelPolicy.Policy;

/// <summary>Where the propensities of a log come from.</summary>
public enum PropensityOrigin
{
    /// <summary>The system that acted recorded them.</summary>
    Logged,

    /// <summary>A model fitted to the log's own actions estimates them: estimates that weigh by them inherit its error.</summary>
    Fitted,
}
