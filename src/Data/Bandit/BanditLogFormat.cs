namespace KernelPolicy.Data;

/// <summary>Whose column names a log of decisions uses.</summary>
public enum BanditLogFormat
{
    /// <summary>Columns by their usual names, or as the options name them.</summary>
    Usual = 0,

    /// <summary>
    /// The Open Bandit Dataset (Saito et al., arXiv 2008.07146): <c>item_id</c>, <c>propensity_score</c>, <c>click</c>,
    /// <c>position</c>, <c>timestamp</c>, and <c>user_feature_*</c> as categories, since they are hashes even where one
    /// looks like a number. The unnamed first column is left alone. The columns <c>user-item_affinity_*</c> are left
    /// alone too: column k is about item k alone, so that they add P columns to X that mean something for one item each.
    /// To have them, name them in <see cref="BanditLogOptions.FeatureColumns"/> beside <c>user_feature_*</c>.
    /// </summary>
    /// <remarks>The propensity is the probability of the item at that position: take one position by the filter
    /// (<c>position</c>, <c>1</c>), or take all and let position be part of the context's chance.</remarks>
    OpenBandit,
}
