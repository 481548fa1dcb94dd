namespace KernelPolicy.Policy;

/// <summary>An epoch as an activity (<see cref="PolicyActivities.TrainEpoch"/>).</summary>
internal static class EpochActivity
{
    /// <summary>Runs an epoch within an activity.</summary>
    public static void Trace(int epoch, Func<EpochResult> run) => PolicyActivities.Trace(PolicyActivities.TrainEpoch, activity =>
    {
        activity?.SetTag(PolicyActivities.Epoch, epoch);
        EpochResult result = run();
        activity?.SetTag(PolicyActivities.TrainingReward, result.TrainingReward);
        if (!double.IsNaN(result.ValidationReward))
            activity?.SetTag(PolicyActivities.Reward, result.ValidationReward);
        if (!double.IsNaN(result.IndexRecall))
            activity?.SetTag(PolicyActivities.Recall, result.IndexRecall);
        return result;
    });
}
