using KernelPolicy.Index;
using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>
/// Fits the propensities of a log that recorded none: a softmax policy π₀(a|x) ∝ e^{(xΘ + b)·β_a} of largest likelihood of the log's own
/// actions, by the library's trainer.
/// </summary>
/// <remarks>
/// Estimates that weigh by fitted propensities inherit the model's error, and a log's actions are evidence of the logging
/// policy only if it drew them: that of a policy which never varies cannot be weighed.
/// </remarks>
public static class PropensityModel
{
    private const int BatchSize = 64;

    /// <summary>Fits propensities.</summary>
    /// <param name="items">β [P, L].</param>
    /// <param name="contexts">N contexts.</param>
    /// <param name="actions">The action taken in each, [N].</param>
    /// <param name="rewards">What it earned, [N], finite.</param>
    /// <param name="options">Estimator, training and floor; the defaults where null.</param>
    /// <param name="team">Threads to use.</param>
    /// <param name="index">The index over the same items, where the estimator needs one.</param>
    /// <param name="progress">Told as the training goes.</param>
    /// <param name="cancellation">Stops the training.</param>
    /// <remarks>The training costs what its estimator does. The propensities themselves take one exact pass, O(N·P·L): their
    /// normaliser is in every weight.</remarks>
    /// <exception cref="ArgumentException">An option is out of range, the parts do not fit each other, or a row is out of range:
    /// the message names row, value and range.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    /// <exception cref="TrainingDivergedException">Numbers are no longer finite.</exception>
    public static FittedPropensities Fit(
        Matrix items, IContextSource contexts, ReadOnlySpan<int> actions, ReadOnlySpan<double> rewards, WorkerTeam team,
        PropensityModelOptions? options = null, IMipsIndex? index = null, IProgress<TrainingProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(items);
        ArgumentNullException.ThrowIfNull(contexts);
        ArgumentNullException.ThrowIfNull(team);
        options ??= new PropensityModelOptions();
        options.Validate();
        if (actions.Length == 0)
            throw new ArgumentException("The log has no rows to fit to.", nameof(actions));
        double[] propensities = new double[actions.Length];
        Array.Fill(propensities, 1);

        // Checks rows as every log does, and is the reward 1 on the action taken.
        var likelihood = new LoggedReward(
            new LoggedFeedback(actions, propensities, Ones(actions.Length), checked((int)items.Rows), PropensityOrigin.Fitted),
            PropensityWeighting.Inverse);
        _ = new LoggedFeedback(actions, propensities, rewards, likelihood.Catalogue);
        var problem = new TrainingProblem(items, contexts, likelihood);
        using IGradientEstimator estimator = GradientEstimators.Create(
            options.Estimator,
            new EstimatorSetting(items, likelihood, options.Training.BatchSize, options.Training.Seed, team) { Objective = TrainingObjective.LogLikelihood },
            index);
        using var trainer = new Trainer(problem, estimator, options.Training, team);
        trainer.Run(progress, cancellation);

        double sum = LogProbabilities(problem, trainer.Query, actions, propensities, team);
        double floor = options.FloorShare / items.Rows;
        int raised = 0;
        for (int row = 0; row < propensities.Length; row++)
        {
            // Scores and normaliser are rounded apart: a certain action may come out a little above 1.
            double propensity = Math.Min(1, Math.Exp(propensities[row]));
            raised += propensity < floor ? 1 : 0;
            propensities[row] = Math.Max(floor, propensity);
        }

        QueryMap query = trainer.Query;
        return new FittedPropensities(
            new LoggedFeedback(actions, propensities, rewards, likelihood.Catalogue, PropensityOrigin.Fitted), Copy(query.Theta), floor, raised,
            sum / actions.Length)
        {
            Bias = query.Bias is null ? null : Copy(query.Bias),
        };
    }

    private static Matrix Copy(Matrix table)
    {
        var copy = new Matrix(table.Rows, table.Columns);
        copy.CopyFrom(table);
        return copy;
    }

    private static double[] Ones(int count)
    {
        double[] ones = new double[count];
        Array.Fill(ones, 1);
        return ones;
    }

    /// <summary>Writes ln π₀(a_i|x_i) [N] and returns their sum.</summary>
    private static unsafe double LogProbabilities(
        TrainingProblem problem, QueryMap query, ReadOnlySpan<int> actions, double[] logs, WorkerTeam team)
    {
        using var contexts = new ContextBatch(problem.Contexts, BatchSize);
        using var projected = new Matrix(BatchSize, problem.Items.Columns);
        using var pass = new SoftmaxPass(BatchSize, problem.Items.Columns);
        var projection = new Projection();
        int[] batch = new int[BatchSize];
        double sum = 0;
        for (int first = 0; first < actions.Length; first += BatchSize)
        {
            int count = Math.Min(BatchSize, actions.Length - first);
            for (int i = 0; i < count; i++)
                batch[i] = first + i;
            contexts.Fill(batch.AsSpan(0, count), team);
            query.Project(projection, contexts.Rows, projected, count, team);
            pass.Run(problem.Items, projected, count, null, team);
            for (int i = 0; i < count; i++)
            {
                float score = RowScores.Dot(projected.RowPointer(i), problem.Items.RowPointer(actions[first + i]), projected.Stride);
                logs[first + i] = score - pass.LogZ[i];
                sum += logs[first + i];
            }
        }

        return sum;
    }
}
