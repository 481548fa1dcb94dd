namespace KernelPolicy.Policy;

/// <summary>How the propensities of a log are fitted.</summary>
public sealed record PropensityModelOptions
{
    /// <summary>How E_π β is estimated while the logging policy is trained. Not REINFORCE.</summary>
    public EstimatorOptions Estimator { get; init; } = new ExactOptions();

    /// <summary>How it is trained. The log-likelihood is concave in Θ: the first values, zero by default, do not decide where it
    /// ends.</summary>
    public TrainingOptions Training { get; init; } = new()
    {
        Epochs = 20, LearningRate = new LearningRate(1e-2, LearningRateSchedule.Linear), Initialisation = ThetaInitialisation.Normal,
        InitialScale = 0, AuditQueries = 0,
    };

    /// <summary>
    /// The least propensity as a share of the uniform one, 1/P: what the model gives less is raised to that, so that no
    /// fitted weight 1/p is above P over the share.
    /// </summary>
    /// <value>Above 0 and at most 1; default 0.01.</value>
    /// <remarks>A fitted model is least to be trusted where it finds an action all but impossible that was taken. Raised
    /// propensities understate such rows.</remarks>
    public double FloorShare { get; init; } = 0.01;

    /// <summary>Throws where a value is out of range.</summary>
    /// <exception cref="ArgumentException">A value is out of range.</exception>
    public void Validate()
    {
        ArgumentNullException.ThrowIfNull(Estimator);
        ArgumentNullException.ThrowIfNull(Training);
        Estimator.Validate();
        Training.Validate();
        if (!(FloorShare is > 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(FloorShare), FloorShare, "The floor's share must lie in (0, 1].");
    }
}
