using KernelPolicy.Kernels;
using KernelPolicy.Policy;

namespace KernelPolicy.ClosedLoop;

/// <summary>
/// Θ from a log of decisions: Σ_i (r_i / max(τ, p_i)) ln π(a_i|x_i) is made large, which is concave in Θ, and largest in expectation
/// where π ∝ the chance of a click, but for the clipping.
/// </summary>
internal static class LogTraining
{
    private const int BatchSize = 128;

    // τ·P. A greedy policy's log has clicks with tiny propensities, and unclipped a single one of them turns Θ: no click counts more
    // than a fifth of one that a uniform policy brought.
    private const double ClippedAtUniform = 5;

    /// <summary>Θ [L, L] of a policy that has seen nothing: nearly uniform. The caller's.</summary>
    public static Matrix Untrained(LoopOptions options) =>
        Theta.Initialise(options.Dimension, ThetaInitialisation.Normal, 0.005, (ulong)options.Seed);

    /// <summary>Θ [L, L] from the log, the caller's.</summary>
    public static Matrix Train(DecisionLog log, Matrix items, LoopOptions options, WorkerTeam team)
    {
        using Matrix contexts = log.Contexts();
        double tau = Math.Min(1, ClippedAtUniform / options.Items);
        LoggedReward rewards = new(log.Feedback(), PropensityWeighting.Clipped(tau));
        TrainingProblem problem = new(items, new DenseContexts(contexts), rewards);
        TrainingOptions training = new()
        {
            Epochs = options.Epochs,
            BatchSize = BatchSize,
            LearningRate = new LearningRate(options.LearningRate, LearningRateSchedule.Linear),
            Initialisation = ThetaInitialisation.Normal,
            Seed = (ulong)options.Seed,
            AuditQueries = 0,
        };
        EstimatorSetting setting = new(items, rewards, BatchSize, training.Seed, team)
        {
            Objective = TrainingObjective.LogLikelihood,
        };

        // P is small enough for exact gradients; a large catalogue takes StrataOptions and an index.
        using IGradientEstimator estimator = GradientEstimators.Create(new ExactOptions(), setting);
        using Trainer trainer = new(problem, estimator, training, team);
        trainer.Run();
        return Copy(trainer.Theta);
    }

    /// <summary>A copy of a table.</summary>
    public static Matrix Copy(Matrix table)
    {
        Matrix copy = new(table.Rows, table.Columns);
        for (long row = 0; row < table.Rows; row++)
            table.Row(row).CopyTo(copy.Row(row));
        return copy;
    }
}
