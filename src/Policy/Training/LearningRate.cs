namespace KernelPolicy.Policy;

/// <summary>How the learning rate falls over a training.</summary>
public enum LearningRateSchedule
{
    /// <summary>It stays as it is.</summary>
    Constant,

    /// <summary>In a straight line to zero at the last step.</summary>
    Linear,

    /// <summary>Along half a cosine to zero at the last step.</summary>
    Cosine,
}

/// <summary>The learning rate of each step: a linear warm-up, then the schedule.</summary>
/// <param name="Base">α, above 0.</param>
/// <param name="Schedule">How it falls.</param>
/// <param name="WarmupSteps">Steps over which it rises from α/n to α.</param>
public sealed record LearningRate(double Base, LearningRateSchedule Schedule = LearningRateSchedule.Constant, int WarmupSteps = 0)
{
    /// <summary>Throws where a value is out of range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of range.</exception>
    public void Validate()
    {
        if (!(Base > 0 && double.IsFinite(Base)))
            throw new ArgumentOutOfRangeException(nameof(Base), Base, "The learning rate must be above 0 and finite.");
        ArgumentOutOfRangeException.ThrowIfNegative(WarmupSteps);
    }

    /// <summary>α of a step.</summary>
    /// <param name="step">Number of the step, from 0.</param>
    /// <param name="totalSteps">Steps of the whole training.</param>
    public double At(long step, long totalSteps)
    {
        if (step < WarmupSteps)
            return Base * (step + 1) / WarmupSteps;
        double done = (double)(step - WarmupSteps) / Math.Max(1, totalSteps - WarmupSteps);
        return Schedule switch
        {
            LearningRateSchedule.Linear => Base * (1 - done),
            LearningRateSchedule.Cosine => Base * 0.5 * (1 + Math.Cos(Math.PI * done)),
            _ => Base,
        };
    }
}
