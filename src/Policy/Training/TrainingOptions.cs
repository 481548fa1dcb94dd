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

    /// <summary>Throws where a value is out of range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of range.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Epochs, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(BatchSize, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(Patience);
        ArgumentOutOfRangeException.ThrowIfNegative(CheckpointEverySteps);
        ArgumentNullException.ThrowIfNull(LearningRate);
        ArgumentNullException.ThrowIfNull(Adam);
        if (!(InitialScale >= 0 && double.IsFinite(InitialScale)))
            throw new ArgumentOutOfRangeException(nameof(InitialScale), InitialScale, "The scale must be at least 0 and finite.");
        LearningRate.Validate();
        Adam.Validate();
    }
}

/// <summary>Where a training stands.</summary>
/// <param name="Epoch">Epoch in progress, from 1.</param>
/// <param name="Epochs">Epochs asked for.</param>
/// <param name="Step">Steps done.</param>
/// <param name="TotalSteps">Steps of all epochs.</param>
/// <param name="TrainSeconds">Seconds spent in steps, those before a resume included.</param>
/// <param name="Batch">What the last batch said of itself.</param>
/// <param name="Completed">The epoch that this report ends, or null.</param>
public readonly record struct TrainingProgress(
    int Epoch, int Epochs, long Step, long TotalSteps, double TrainSeconds, BatchStatistics Batch, EpochResult? Completed);

/// <summary>What an epoch brought.</summary>
/// <param name="Epoch">Its number, from 1.</param>
/// <param name="Seconds">Seconds spent in its steps, validation and checkpoints apart.</param>
/// <param name="ValidationReward">R on the validation contexts after it; NaN where there are none.</param>
/// <param name="TrainingReward">Mean over its batches of the estimated E_π[r].</param>
/// <param name="EffectiveSampleSize">Mean over its batches; NaN where the method has no weights.</param>
/// <param name="QuerySeconds">Seconds in which the index was asked.</param>
public sealed record EpochResult(
    int Epoch, double Seconds, double ValidationReward, double TrainingReward, double EffectiveSampleSize, double QuerySeconds);

/// <summary>What a training brought.</summary>
/// <param name="Epochs">The epochs, in order.</param>
/// <param name="BestEpoch">The epoch with the best validation reward; 0 where that of Θ₀ was never beaten.</param>
/// <param name="Steps">Steps done.</param>
/// <param name="TrainSeconds">Seconds spent in steps.</param>
/// <param name="InitialValidationReward">R on the validation contexts with Θ₀; NaN where there are none.</param>
/// <param name="StoppedEarly">Whether patience ended it.</param>
public sealed record TrainingResult(
    IReadOnlyList<EpochResult> Epochs, int BestEpoch, long Steps, double TrainSeconds, double InitialValidationReward, bool StoppedEarly);
