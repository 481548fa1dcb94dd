using KernelPolicy.Index;

namespace KernelPolicy.Policy;

/// <summary>Where a training stands.</summary>
/// <param name="Epoch">Epoch in progress, from 1.</param>
/// <param name="Epochs">Epochs asked for.</param>
/// <param name="Step">Steps done.</param>
/// <param name="TotalSteps">Steps of all epochs.</param>
/// <param name="TrainSeconds">Seconds spent in steps, those before a resume included.</param>
/// <param name="Batch">The mean over the batches since the steps were last collected, which is the last batch where each is
/// collected; NaN before the first.</param>
/// <param name="Completed">The epoch that this report ends, or null.</param>
/// <param name="Audit">The audit of the index that this report follows, or null.</param>
public readonly record struct TrainingProgress(
    int Epoch, int Epochs, long Step, long TotalSteps, double TrainSeconds, BatchStatistics Batch, EpochResult? Completed,
    IndexAudit? Audit = null)
{
    /// <summary>The audit of the gradient that this report follows, or null.</summary>
    public GradientAudit? Gradient { get; init; }
}

/// <summary>An audit of the index on queries h = xΘ of training contexts.</summary>
/// <param name="Epoch">The epoch that had just ended; 0 before the first, null within one.</param>
/// <param name="Step">Steps done.</param>
/// <param name="Check">What was found and done.</param>
public sealed record IndexAudit(int? Epoch, long Step, RecallCheck Check);

/// <summary>What an epoch brought.</summary>
/// <param name="Epoch">Its number, from 1.</param>
/// <param name="Seconds">Seconds spent in its steps, validation and checkpoints apart.</param>
/// <param name="ValidationReward">R on the validation contexts after it; NaN where there are none.</param>
/// <param name="TrainingReward">Mean over its batches of the estimated E_π[r].</param>
/// <param name="EffectiveSampleSize">Mean over its batches; NaN where the method has no weights.</param>
/// <param name="QuerySeconds">Seconds in which the index was asked.</param>
/// <param name="IndexRecall">Share of the exact top K that the index found when it was audited at the epoch's end, before
/// anything was done about it; NaN where it was not audited.</param>
/// <param name="IndexMassRecall">The same with each item weighted by its softmax probability.</param>
/// <param name="EfSearch">Candidates that the audited searches of the graph kept, at least K; null where every item was
/// scanned, or nothing was audited.</param>
/// <param name="IndexAction">What was done; null where nothing was audited.</param>
public sealed record EpochResult(
    int Epoch, double Seconds, double ValidationReward, double TrainingReward, double EffectiveSampleSize, double QuerySeconds,
    double IndexRecall = double.NaN, double IndexMassRecall = double.NaN, int? EfSearch = null, GuardAction? IndexAction = null)
{
    /// <summary>What the strata of its batches said of themselves; null with other methods.</summary>
    public StrataStatistics? Strata { get; init; }

    /// <summary>Mean over its batches of the ε that an adaptive mixture chose; NaN with other methods.</summary>
    public double Epsilon { get; init; } = double.NaN;

    /// <summary>The audit of the gradient at the epoch's end; null where there was none.</summary>
    public GradientAudit? Gradient { get; init; }
}

/// <summary>What a training brought.</summary>
/// <param name="Epochs">The epochs, in order.</param>
/// <param name="BestEpoch">The epoch with the best validation reward; 0 where that of Θ₀ was never beaten.</param>
/// <param name="Steps">Steps done.</param>
/// <param name="TrainSeconds">Seconds spent in steps.</param>
/// <param name="InitialValidationReward">R on the validation contexts with Θ₀; NaN where there are none.</param>
/// <param name="StoppedEarly">Whether patience ended it.</param>
/// <param name="Audits">The audits of the index, in order; empty where there were none.</param>
public sealed record TrainingResult(
    IReadOnlyList<EpochResult> Epochs, int BestEpoch, long Steps, double TrainSeconds, double InitialValidationReward, bool StoppedEarly,
    IReadOnlyList<IndexAudit> Audits)
{
    /// <summary>The audits of the gradient, in order: before the first epoch and after each; empty where there were none.</summary>
    public IReadOnlyList<GradientAudit> GradientAudits { get; init; } = [];
}
