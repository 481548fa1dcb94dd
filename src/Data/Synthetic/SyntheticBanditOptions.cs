namespace KernelPolicy.Data;

/// <summary>Shape of a synthetic bandit problem and of its logging policy.</summary>
/// <remarks>Contexts are standard normal and items normal with variance 1/D, so that x·β_a has variance 1 or so whatever
/// D.</remarks>
public sealed record SyntheticBanditOptions
{
    /// <summary>P, at least 2.</summary>
    public int Items { get; init; } = 100;

    /// <summary>M: contexts that there are, at least 1. A decision meets one of them, each as likely as another.</summary>
    public int Contexts { get; init; } = 1000;

    /// <summary>D: features of a context and of an item, at least 1.</summary>
    public int Dimension { get; init; } = 8;

    /// <summary>b in p(r = 1|x, a) = σ(b + s x·β_a), from −50 to 50: at −6 rewards are sparse, at −1 moderate.</summary>
    public double RewardOffset { get; init; } = -2;

    /// <summary>s in p(r = 1|x, a) = σ(b + s x·β_a), from 0 to 50: how much items differ.</summary>
    public double RewardScale { get; init; } = 2;

    /// <summary>τ of the logging policy's softmax(x·γ_a / τ), from 0.01 to 1e6: low is sharp.</summary>
    public double Temperature { get; init; } = 1;

    /// <summary>ε: share of decisions that the logging policy makes evenly, from 0 to 1; no propensity is below ε/P.</summary>
    public double UniformFloor { get; init; } = 0.1;

    /// <summary>ρ in γ_a = ρ β_a + √(1−ρ²) ν_a, from −1 to 1: how much the logging policy knows of what earns rewards. The
    /// noise ν is drawn as β is.</summary>
    public double LoggingCorrelation { get; init; } = 0.5;

    /// <summary>Names the draws of contexts, items and noise.</summary>
    public ulong Seed { get; init; } = 1;

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Items, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(Contexts, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Dimension, 1);
        ThrowIfOutside(RewardOffset, -50, 50, nameof(RewardOffset));
        ThrowIfOutside(RewardScale, 0, 50, nameof(RewardScale));
        ThrowIfOutside(Temperature, 0.01, 1e6, nameof(Temperature));
        ThrowIfOutside(UniformFloor, 0, 1, nameof(UniformFloor));
        ThrowIfOutside(LoggingCorrelation, -1, 1, nameof(LoggingCorrelation));
    }

    private static void ThrowIfOutside(double value, double low, double high, string option)
    {
        if (!(value >= low && value <= high))
            throw new ArgumentOutOfRangeException(option, value, $"{option} must be from {low} to {high}.");
    }
}
