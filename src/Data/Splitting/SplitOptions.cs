namespace KernelPolicy.Data;

/// <summary>How users are divided; what training and validation leave is for the test.</summary>
public sealed record SplitOptions
{
    /// <summary>Share of users to train on, above 0.</summary>
    public double TrainFraction { get; init; } = 0.8;

    /// <summary>Share of users to validate on, at least 0.</summary>
    public double ValidationFraction { get; init; } = 0.1;

    internal void Validate()
    {
        if (!(TrainFraction > 0 && TrainFraction <= 1))
            throw new ArgumentOutOfRangeException(nameof(TrainFraction), TrainFraction, "The share must be in (0, 1].");
        if (!(ValidationFraction >= 0 && TrainFraction + ValidationFraction <= 1 + 1e-9))
        {
            throw new ArgumentOutOfRangeException(
                nameof(ValidationFraction), ValidationFraction,
                $"The share must be at least 0 and, with that of training, {TrainFraction}, at most 1.");
        }
    }
}
