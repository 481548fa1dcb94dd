using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>Which estimator of the gradient to use, with its parameters.</summary>
public abstract record EstimatorOptions
{
    private protected EstimatorOptions()
    {
    }

    /// <summary>Items that the method asks the index for, a context; 0 where it asks none.</summary>
    public virtual int RetrievedItems => 0;

    /// <summary>Whether the method asks the index for a top K.</summary>
    public bool NeedsIndex => RetrievedItems > 0;

    /// <summary>Throws where a parameter is out of range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is out of range.</exception>
    public virtual void Validate()
    {
    }

    private protected static void CheckSamples(int samples)
    {
        if (samples is < 2 or > 10_000_000)
            throw new ArgumentOutOfRangeException(nameof(samples), samples, "S must lie in 2 to 10,000,000.");
    }
}

/// <summary>The exact sum over the catalogue, O(P·L) a context.</summary>
public sealed record ExactOptions : EstimatorOptions;

/// <summary>REINFORCE, O(P·L) a context.</summary>
/// <param name="Samples">S, draws from π a context.</param>
/// <param name="Baseline">Whether the mean reward of the draws is subtracted.</param>
public sealed record ReinforceOptions(int Samples = 1000, bool Baseline = false) : EstimatorOptions
{
    /// <inheritdoc/>
    public override void Validate() => CheckSamples(Samples);
}

/// <summary>Uniform draws, self-normalised.</summary>
/// <param name="Samples">S, draws a context.</param>
public sealed record UniformOptions(int Samples = 1000) : EstimatorOptions
{
    /// <inheritdoc/>
    public override void Validate() => CheckSamples(Samples);
}

/// <summary>The paper's mixture of uniform draws and of the retrieved top K.</summary>
/// <param name="Samples">S, draws a context.</param>
/// <param name="TopK">K, items retrieved; the catalogue's size where that is less.</param>
/// <param name="Epsilon">ε in [0, 1], the share of uniform draws: near 1 suits a flat policy, near 0 a sharp one. At 0 the
/// proposal misses most of the catalogue and the estimate is biased however many draws are made.</param>
/// <param name="Sampler">How draws are divided between the two parts.</param>
public sealed record MixtureOptions(
    int Samples = 1000, int TopK = 256, double Epsilon = 0.8, MixtureSampler Sampler = MixtureSampler.Stratified) : EstimatorOptions
{
    /// <summary>Whether ε is chosen for each context by the policy's sharpness there, as <see cref="AdaptiveEpsilon"/> tells;
    /// <see cref="Epsilon"/> is then ignored.</summary>
    public bool IsAdaptive { get; init; }

    /// <inheritdoc/>
    public override int RetrievedItems => TopK;

    /// <inheritdoc/>
    public override void Validate()
    {
        CheckSamples(Samples);
        if (TopK is < 1 or > 1_000_000)
            throw new ArgumentOutOfRangeException(nameof(TopK), TopK, "K must lie in 1 to 1,000,000.");
        if (!IsAdaptive && !(Epsilon is >= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(Epsilon), Epsilon, "ε must lie in [0, 1].");
    }
}
