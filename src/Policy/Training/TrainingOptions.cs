using KernelPolicy.Index;
using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>How a policy is trained. The defaults are the paper's where it states any.</summary>
public sealed record TrainingOptions
{
    /// <summary>Passes over the training contexts, at least 1.</summary>
    public int Epochs { get; init; } = 6;

    /// <summary>B, contexts a step, at least 1.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>α and its schedule.</summary>
    public LearningRate LearningRate { get; init; } = new(3e-4);

    /// <summary>Constants of Adam.</summary>
    public AdamOptions Adam { get; init; } = new();

    /// <summary>Whether and how items learn. Steps that were not made for it are refused.</summary>
    public ItemLearning Items { get; init; } = ItemLearning.Frozen;

    /// <summary>First values of Θ.</summary>
    public ThetaInitialisation Initialisation { get; init; } = ThetaInitialisation.Identity;

    /// <summary>Standard deviation of normal first values.</summary>
    public double InitialScale { get; init; } = 0.005;

    /// <summary>Epochs without a better validation reward after which training stops and the best Θ is taken; 0 trains all
    /// epochs and takes the last Θ.</summary>
    public int Patience { get; init; }

    /// <summary>Seed of the order of contexts, of the draws and of normal first values.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Where checkpoints are written: at the end of each epoch, on cancellation, and every
    /// <see cref="CheckpointEverySteps"/>. Null writes none.</summary>
    public string? CheckpointPath { get; init; }

    /// <summary>Steps between checkpoints within an epoch; 0 for none.</summary>
    public int CheckpointEverySteps { get; init; }

    /// <summary>
    /// Training contexts on whose queries the index is audited before the first step and after each epoch: their top K by
    /// the index, K being what the estimator asks for, against the exact one. 0 audits nothing.
    /// </summary>
    /// <value>0 to 1,000,000; default 128. No more than there are contexts.</value>
    public int AuditQueries { get; init; } = 128;

    /// <summary>Steps between further audits within an epoch; 0 for none. For epochs so long that Θ moves far within
    /// one.</summary>
    public int AuditEverySteps { get; init; }

    /// <summary>
    /// The least mass-weighted recall that an audit lets pass, 0 to 1: below it a <see cref="GuardedIndex"/> is searched
    /// more widely, or every item is scanned. At 0 recall is measured and nothing else; an index without a guard is only
    /// measured, too.
    /// </summary>
    /// <value>Default 0.99: at most a hundredth of the softmax mass of the top K is missed.</value>
    public double RecallBound { get; init; } = 0.99;

    /// <summary>
    /// Training contexts on which the estimator of the gradient is audited against the exact sum before the first step and after
    /// each epoch: the same ones each time. 0 audits nothing. The audit changes nothing of the training.
    /// </summary>
    /// <value>0 to 10,000; default 0. No more than there are contexts. An audit costs as many exact gradients, O(P·L) each, and
    /// <see cref="BiasAuditRepetitions"/> times as many estimates, and keeps 4·R·n·L bytes.</value>
    public int BiasAuditContexts { get; init; }

    /// <summary>R, estimates of each audited context, each with draws of its own. The bias is measured beside the noise of their
    /// mean, which falls as 1/R.</summary>
    /// <value>3 to 1000; default 16.</value>
    public int BiasAuditRepetitions { get; init; } = 16;

    /// <summary>Throws where a value is out of range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of range.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Epochs, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(BatchSize, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(Patience);
        ArgumentOutOfRangeException.ThrowIfNegative(CheckpointEverySteps);
        ArgumentOutOfRangeException.ThrowIfNegative(AuditEverySteps);
        if (AuditQueries is < 0 or > 1_000_000)
            throw new ArgumentOutOfRangeException(nameof(AuditQueries), AuditQueries, "The number of audited queries must lie in 0 to 1,000,000.");
        if (!(RecallBound is >= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(RecallBound), RecallBound, "The bound of the recall must lie in 0 to 1.");
        ArgumentNullException.ThrowIfNull(Items);
        Items.Validate();
        if (BiasAuditContexts is < 0 or > 10_000)
            throw new ArgumentOutOfRangeException(nameof(BiasAuditContexts), BiasAuditContexts, "The number of contexts of the bias audit must lie in 0 to 10,000.");
        if (BiasAuditRepetitions is < 3 or > 1000)
            throw new ArgumentOutOfRangeException(nameof(BiasAuditRepetitions), BiasAuditRepetitions, "The repetitions of the bias audit must lie in 3 to 1000.");
        ArgumentNullException.ThrowIfNull(LearningRate);
        ArgumentNullException.ThrowIfNull(Adam);
        if (!(InitialScale >= 0 && double.IsFinite(InitialScale)))
            throw new ArgumentOutOfRangeException(nameof(InitialScale), InitialScale, "The scale must be at least 0 and finite.");
        LearningRate.Validate();
        Adam.Validate();
    }
}
