namespace KernelPolicy.Policy;

/// <summary>How a policy explores while it serves.</summary>
public sealed record ExplorationOptions
{
    /// <summary>The least temperature: logits f/T stay finite.</summary>
    public const double LeastTemperature = 1e-30;

    /// <summary>The rule. Default: none.</summary>
    public ExplorationKind Kind { get; init; }

    /// <summary>The seed of all requests: a slate is a function of seed and request's number.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>K, items that a <see cref="Recommender"/> retrieves for a softmax slate, besides as many as are excluded; no more than
    /// P. An index that searches wider than this (efSearch) misses less of them.</summary>
    /// <value>At least 1; √(N·P), which balances head and tail, where null.</value>
    public int? HeadItems { get; init; }

    /// <summary>T of π(a|x) ∝ e^{f_a/T}, for <see cref="ExplorationKind.Softmax"/>: 1 is the policy as it was trained, less is
    /// greedier.</summary>
    /// <value>At least <see cref="LeastTemperature"/> and finite; default 1.</value>
    public double Temperature { get; init; } = 1;

    /// <summary>ε, for <see cref="ExplorationKind.EpsilonGreedy"/>.</summary>
    /// <value>In [0, 1]; default 0.1.</value>
    public double Epsilon { get; init; } = 0.1;

    /// <summary>l, uniform draws outside the head by which propensities are estimated, for <see cref="ExplorationKind.Softmax"/>;
    /// where no more items are left than that, propensities are exact.</summary>
    /// <value>2 to 10,000,000; default 1024.</value>
    public int TailDraws { get; init; } = 1024;

    /// <summary>How far above the least retrieved score an item may score that the index missed, in units of f, for
    /// <see cref="ExplorationKind.Softmax"/>: draws are exact while none scores higher. It costs e^{gap/T} times the tail items.</summary>
    /// <value>At least 0 and finite; default 0, which is right for an exact top K.</value>
    public double Gap { get; init; }

    /// <summary>Throws where a value is out of range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The message names value and range.</exception>
    public void Validate()
    {
        if (!Enum.IsDefined(Kind))
            throw new ArgumentOutOfRangeException(nameof(Kind), Kind, "There is no such kind of exploration.");
        if (HeadItems < 1)
            throw new ArgumentOutOfRangeException(nameof(HeadItems), HeadItems, "K must be at least 1.");
        if (!(Temperature >= LeastTemperature && double.IsFinite(Temperature)))
            throw new ArgumentOutOfRangeException(nameof(Temperature), Temperature, $"The temperature must be at least {LeastTemperature} and finite.");
        if (!(Epsilon is >= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(Epsilon), Epsilon, "ε must lie in [0, 1].");
        if (TailDraws is < 2 or > 10_000_000)
            throw new ArgumentOutOfRangeException(nameof(TailDraws), TailDraws, "l must lie in 2 to 10,000,000.");
        if (!(Gap >= 0 && double.IsFinite(Gap)))
            throw new ArgumentOutOfRangeException(nameof(Gap), Gap, "The gap must be at least 0 and finite.");
    }
}
