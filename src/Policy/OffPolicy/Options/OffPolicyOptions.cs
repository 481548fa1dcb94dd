namespace KernelPolicy.Policy;

/// <summary>How off-policy evaluation proceeds.</summary>
public sealed record OffPolicyOptions
{
    /// <summary>The rule of the clipped estimators; min(π/p, √N) where null (Ionides 2008). The guarantee of a finite-sample
    /// interval asks that it does not depend on the log's actions and rewards.</summary>
    public WeightClip? Clip { get; init; }

    /// <summary>λ of logarithmic smoothing, above 0; 1/√N where null, as in the paper's experiments. It must not depend on the
    /// log's actions and rewards.</summary>
    public double? Lambda { get; init; }

    /// <summary>Confidence of all intervals, in (0, 1).</summary>
    public double Confidence { get; init; } = 0.95;

    /// <summary>Which quantile the closed-form intervals take.</summary>
    public IntervalKind Interval { get; init; } = IntervalKind.Student;

    /// <summary>Replicates of the bootstrap: 0 for none, or 100 or more.</summary>
    public int BootstrapReplicates { get; init; } = 1000;

    /// <summary>Seed of the bootstrap.</summary>
    public ulong Seed { get; init; }

    /// <summary>r_M of DM and DR over the log's contexts; null to leave them out. It should come from other data than the log,
    /// or from other folds of it: the standard errors take it as given.</summary>
    public IRewardSource? Model { get; init; }

    /// <summary>The range of rewards. Where null, [0, ∞) if the log has no negative reward; logarithmic smoothing is left out
    /// if it has. A finite upper end gives finite-sample intervals with an upper end.</summary>
    public RewardRange? Rewards { get; init; }

    /// <summary>Contexts, evenly spread, in which the π-mass of items never logged is measured; 0 for none.</summary>
    public int SupportContexts { get; init; } = 256;

    /// <summary>Where warnings begin.</summary>
    public WarningBounds Warnings { get; init; } = new();

    /// <summary>Fails where a value is out of its range, or the log does not fit.</summary>
    internal static void Check(OffPolicyOptions options, LoggedFeedback log)
    {
        void Demand(bool met, string text)
        {
            if (!met)
                throw new ArgumentException(text, nameof(options));
        }

        Demand(
            options.Lambda is null || (double.IsFinite(options.Lambda.Value) && options.Lambda > 0),
            $"λ is {options.Lambda}; it must be finite and above 0.");
        Demand(options.Clip is not { Most: 0 }, "The clip is empty: make it by AtPropensity or AtWeight.");
        Demand(options.Confidence is > 0 and < 1, $"The confidence is {options.Confidence}; it must lie in (0, 1).");
        Demand(Enum.IsDefined(options.Interval), $"There is no interval {options.Interval}.");
        Demand(
            options.BootstrapReplicates is 0 or >= 100,
            $"There are {options.BootstrapReplicates} bootstrap replicates; there must be 0, or 100 or more.");
        Demand(options.SupportContexts >= 0, $"There are {options.SupportContexts} support contexts; there must be 0 or more.");
        Demand(options.Warnings is not null, "The bounds of the warnings are null.");
        Demand(
            options.Model is null || options.Model.Count == log.Count,
            $"The model has {options.Model?.Count} contexts, the log {log.Count} rows.");
        if (options.Rewards is not { } range)
            return;
        Demand(double.IsFinite(range.Least) && range.Most > range.Least, $"Rewards in [{range.Least}, {range.Most}] are no range.");
        for (int row = 0; row < log.Count; row++)
        {
            double reward = log.Rewards[row];
            if (reward < range.Least || reward > range.Most)
                Demand(false, $"The reward of row {row} is {reward}; the range given is [{range.Least}, {range.Most}].");
        }
    }
}
