using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;

namespace KernelPolicy.Bench;

/// <summary>Training steps of one estimator on the processor, one after another, from Θ = I.</summary>
/// <remarks>The problem and the index stay the caller's. Allocates nothing a step. Not thread-safe.</remarks>
internal sealed class StepCase : IDisposable
{
    private const double LearningRate = 1e-4;

    // Steps that errors are measured by have numbers, and so draws, that no timed step comes to.
    private const long FirstErrorStep = 1L << 40;

    private readonly StepProblem _problem;
    private readonly IGradientEstimator _estimator;
    private readonly Matrix _theta;
    private readonly TrainingStep _step;
    private readonly int[] _contexts = new int[StepProblem.BatchSize];
    private long _number;

    /// <summary>Makes the estimator and its buffers.</summary>
    /// <param name="problem">What is trained on.</param>
    /// <param name="options">The estimator.</param>
    /// <param name="index">The index that it asks; null where it asks none.</param>
    public StepCase(StepProblem problem, EstimatorOptions options, IMipsIndex? index)
    {
        (_problem, Options) = (problem, options);
        _estimator = GradientEstimators.Create(
            options,
            new EstimatorSetting(problem.Training.Items, problem.Training.Rewards, StepProblem.BatchSize, StepProblem.Seed, problem.Team),
            options.NeedsIndex ? index : null);
        _theta = Theta.Initialise(problem.Training.Items.Columns, ThetaInitialisation.Identity, 0, StepProblem.Seed);
        _step = new TrainingStep(problem.Training, _estimator, _theta, StepProblem.BatchSize, new AdamOptions(), problem.Team);
    }

    /// <summary>The estimator.</summary>
    public EstimatorOptions Options { get; }

    /// <summary>Takes the next step.</summary>
    public void Step()
    {
        _problem.Contexts(_number, _contexts);
        _step.Run(_contexts, _number++, LearningRate);
    }

    /// <summary>
    /// How far the gradient of a step is from the exact one, √(Σ‖Ĝ − G‖² / Σ‖G‖²) over some batches, G [L, L] being what Adam is given.
    /// </summary>
    /// <param name="batches">Batches, each of other contexts and with draws of its own.</param>
    public double RelativeError(int batches)
    {
        using StepCase oracle = new(_problem, new ExactOptions(), null);
        oracle._theta.CopyFrom(_theta);
        double difference = 0, square = 0;
        for (int batch = 0; batch < batches; batch++)
        {
            _problem.Contexts(batch, _contexts);
            Matrix exact = oracle._step.Gradient(_contexts, FirstErrorStep + batch);
            Matrix estimate = _step.Gradient(_contexts, FirstErrorStep + batch);
            for (long row = 0; row < exact.Rows; row++)
            {
                ReadOnlySpan<float> g = exact.Row(row), estimated = estimate.Row(row);
                for (int column = 0; column < g.Length; column++)
                {
                    double d = (double)estimated[column] - g[column];
                    difference += d * d;
                    square += (double)g[column] * g[column];
                }
            }
        }

        return Math.Sqrt(difference / square);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _step.Dispose();
        _estimator.Dispose();
        _theta.Dispose();
    }
}
