namespace KernelPolicy.Policy;

/// <summary>Training produced numbers that are not finite.</summary>
public sealed class TrainingDivergedException : Exception
{
    /// <summary>Names where it happened.</summary>
    /// <param name="step">Number of the step, from 0.</param>
    /// <param name="tensor">The first tensor found not to be finite.</param>
    public TrainingDivergedException(long step, string tensor)
        : base($"Training diverged: the {tensor} is not finite at step {step}. The last checkpoint, if any, is kept. " +
            "A smaller learning rate, more samples or a larger ε may help.")
    {
        (Step, Tensor) = (step, tensor);
    }

    /// <summary>Number of the step, from 0.</summary>
    public long Step { get; }

    /// <summary>The first tensor found not to be finite.</summary>
    public string Tensor { get; }
}
