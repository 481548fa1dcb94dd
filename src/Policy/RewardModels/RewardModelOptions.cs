namespace KernelPolicy.Policy;

/// <summary>How a model of the reward is fitted.</summary>
public sealed record RewardModelOptions
{
    /// <summary>
    /// Penalty, above 0 and finite: half of it times the squared coefficients, each times the root mean square of its feature, is
    /// added to the mean loss. So it does not depend on the features' scale, nor on the number of rows. The constant is free.
    /// </summary>
    /// <value>Default 0.001.</value>
    public double Penalty { get; init; } = 1e-3;

    /// <summary>Whether a row counts 1/p: the fit is then, in expectation, that to all items alike rather than to those that
    /// the logging policy likes.</summary>
    public bool WeighByPropensity { get; init; }

    /// <summary>Rows that are left out of the fit; null for none. <see cref="CrossFittedRewardModel"/> sets it.</summary>
    public RowFold? LeaveOut { get; init; }

    /// <summary>Throws where a value is out of range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of range.</exception>
    public void Validate()
    {
        if (!(Penalty > 0 && double.IsFinite(Penalty)))
            throw new ArgumentOutOfRangeException(nameof(Penalty), Penalty, "The penalty must be above 0 and finite.");
        LeaveOut?.Validate();
    }
}
