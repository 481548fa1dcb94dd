namespace KernelPolicy.Policy;

/// <summary>How large the parts of a reward source are.</summary>
internal static class RewardSourceExtents
{
    /// <summary>The number of rewarded items of the context that has most.</summary>
    public static int MostRewardedItems(this IRewardSource rewards)
    {
        int most = 0;
        for (int context = 0; context < rewards.Count; context++)
            most = Math.Max(most, rewards.RewardedItems(context).Length);
        return most;
    }
}
