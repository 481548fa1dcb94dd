using System.Diagnostics;

namespace KernelPolicy.Policy;

/// <summary>Names of the activities (System.Diagnostics.ActivitySource) and their tags: what takes long enough to be worth a span,
/// that is the opening of a bundle and an epoch of training. Requests have metrics instead (<see cref="ServingMeter"/>).</summary>
/// <remarks>A work that throws has the status Error, its message and <see cref="ServingMeter.ErrorType"/>; one that was cancelled
/// has the tag alone. Nothing is made while nobody listens.</remarks>
public static class PolicyActivities
{
    /// <summary>The source.</summary>
    public const string SourceName = "KernelPolicy";

    /// <summary>A bundle is opened. Tags <see cref="FilePath"/>, <see cref="Verification"/>, <see cref="Items"/>,
    /// <see cref="Dimension"/>.</summary>
    public const string OpenBundle = "kernelpolicy.bundle.open";

    /// <summary>An epoch of training: steps, audits, validation, checkpoint. Tags <see cref="Epoch"/>,
    /// <see cref="TrainingReward"/>, and where they are measured <see cref="Reward"/> and <see cref="Recall"/>.</summary>
    public const string TrainEpoch = "kernelpolicy.train.epoch";

    /// <summary>Tag: the bundle's file.</summary>
    public const string FilePath = "file.path";

    /// <summary>Tag: how much of the bundle was checked.</summary>
    public const string Verification = "kernelpolicy.verification";

    /// <summary>Tag: P.</summary>
    public const string Items = "kernelpolicy.items";

    /// <summary>Tag: L.</summary>
    public const string Dimension = "kernelpolicy.dimension";

    /// <summary>Tag: the epoch's number, from 1.</summary>
    public const string Epoch = "kernelpolicy.epoch";

    /// <summary>Tag: R on the validation contexts; absent where there are none.</summary>
    public const string Reward = "kernelpolicy.reward";

    /// <summary>Tag: mean over the epoch's batches of the estimated E_π[r].</summary>
    public const string TrainingReward = "kernelpolicy.training_reward";

    /// <summary>Tag: share of the exact top K that the index found at the epoch's end; absent where it was not audited.</summary>
    public const string Recall = "kernelpolicy.recall";

    private static readonly ActivitySource Source = new(SourceName, typeof(PolicyActivities).Assembly.GetName().Version?.ToString());

    /// <summary>Works within an activity, which ends with it.</summary>
    internal static T Trace<T>(string name, Func<Activity?, T> work)
    {
        using Activity? activity = Source.StartActivity(name);
        try
        {
            return work(activity);
        }
        catch (Exception e)
        {
            activity?.SetTag(ServingMeter.ErrorType, e.GetType().FullName);
            if (e is not OperationCanceledException)
                activity?.SetStatus(ActivityStatusCode.Error, e.Message);
            throw;
        }
    }
}
