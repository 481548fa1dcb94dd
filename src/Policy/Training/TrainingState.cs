using KernelPolicy.Index;

namespace KernelPolicy.Policy;

/// <summary>All that changes during a training besides Θ and Adam's moments: what a checkpoint holds and a resume
/// restores.</summary>
internal sealed class TrainingState
{
    /// <summary>Steps done.</summary>
    public long Step { get; set; }

    /// <summary>S, shares that the contexts are divided into.</summary>
    public int Shares { get; set; } = 1;

    /// <summary>What the items are known by where the line of the training does not tell; 0 where nobody has noted it.</summary>
    public ulong ItemsHash { get; set; }

    /// <summary>Seconds spent in steps.</summary>
    public double TrainSeconds { get; set; }

    /// <summary>R on the validation contexts with Θ₀.</summary>
    public double InitialValidationReward { get; set; } = double.NaN;

    /// <summary>The epochs that are over.</summary>
    public List<EpochResult> Epochs { get; set; } = [];

    /// <summary>The epoch with the best validation reward.</summary>
    public int BestEpoch { get; set; }

    /// <summary>That reward.</summary>
    public double BestReward { get; set; } = double.NegativeInfinity;

    /// <summary>The audits of the index.</summary>
    public List<IndexAudit> Audits { get; set; } = [];

    /// <summary>The audits of the gradient.</summary>
    public List<GradientAudit> GradientAudits { get; set; } = [];

    /// <summary>How the guarded index searches; null where none is guarded.</summary>
    public GuardState? Guard { get; set; }

    /// <summary>How often a graph over moving items was built anew.</summary>
    public int Rebuilds { get; set; }

    /// <summary>Sums over the batches of the epoch in progress.</summary>
    public EpochSums Sums { get; set; } = new();
}

/// <summary>Sums over the batches of an epoch.</summary>
internal sealed class EpochSums
{
    public long Batches { get; set; }

    public double Seconds { get; set; }

    public double Reward { get; set; }

    public double EffectiveSampleSize { get; set; }

    public double QuerySeconds { get; set; }

    public StrataStatistics Strata { get; set; }

    public double Epsilon { get; set; }

    public void Add(StepSums steps, double seconds)
    {
        Batches += steps.Batches;
        Seconds += seconds;
        Reward += steps.Reward;
        EffectiveSampleSize += steps.EffectiveSampleSize;
        QuerySeconds += steps.QuerySeconds;
        Strata = Strata.Plus(steps.Strata);
        Epsilon += steps.Epsilon;
    }

    public EpochResult ToResult(int epoch, double validationReward, RecallCheck? audit, GradientAudit? gradient) => new(
        epoch, Seconds, validationReward, Reward / Batches, EffectiveSampleSize / Batches, QuerySeconds,
        audit?.Before.Recall ?? double.NaN, audit?.Before.MassRecall ?? double.NaN, audit?.EfBefore, audit?.Action)
    {
        Strata = Strata.Contexts == 0 ? null : Strata,
        Epsilon = Epsilon / Batches,
        Gradient = gradient,
    };
}
