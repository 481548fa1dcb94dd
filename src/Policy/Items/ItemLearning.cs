namespace KernelPolicy.Policy;

/// <summary>
/// Whether and how items learn: <see cref="FrozenItems"/>, <see cref="CorrectedItems"/> or <see cref="LearnedItems"/>.
/// Steps on the processor alone let items learn.
/// </summary>
/// <remarks>Of the paper's open questions the second (conclusion, "fixed item embeddings"). Immutable.</remarks>
public abstract record ItemLearning
{
    /// <summary>β stays as it is: the default, and the paper's setting.</summary>
    public static ItemLearning Frozen { get; } = new FrozenItems();

    /// <summary>What shapes the steps, for descriptions: empty where items are frozen, else beginning with a slash.</summary>
    public abstract string Description { get; }

    /// <summary>Throws where a value is out of range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of range.</exception>
    public abstract void Validate();

    /// <summary>Throws unless a ratio of learning rates is above 0 and finite.</summary>
    private protected static void CheckRatio(double ratio, string name)
    {
        if (!(ratio > 0 && double.IsFinite(ratio)))
            throw new ArgumentOutOfRangeException(name, ratio, "The ratio of the learning rates must be above 0 and finite.");
    }
}

/// <summary>β stays as it is.</summary>
public sealed record FrozenItems : ItemLearning
{
    /// <inheritdoc/>
    public override string Description => "";

    /// <inheritdoc/>
    public override void Validate()
    {
    }
}
