using System.Diagnostics;
using KernelPolicy.EstimatorComparison.Problems;
using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;

namespace KernelPolicy.EstimatorComparison.Measuring;

/// <summary>A point of a learning curve.</summary>
/// <param name="Epochs">Passes over the training contexts so far; parts of one count.</param>
/// <param name="Seconds">Seconds spent in steps so far.</param>
/// <param name="Reward">R_test by the exact scan.</param>
/// <param name="Error">The relative error that the estimator states for the steps since the last point; NaN where it states
/// none.</param>
internal sealed record CurvePoint(double Epochs, double Seconds, double Reward, double Error);

/// <summary>Trains by one estimator, with the steps of the trainer, and measures R_test several times an epoch.</summary>
internal static class LearningRun
{
    private const int BatchSize = 32;
    private const double LearningRate = 3e-4;
    private const int PointsPerEpoch = 4;

    /// <summary>Runs.</summary>
    /// <param name="problem">What to train and test on.</param>
    /// <param name="name">The estimator and its index, <see cref="ComparedEstimators"/>.</param>
    /// <param name="epochs">Passes.</param>
    /// <param name="seed">Seed of order and draws.</param>
    /// <param name="team">Threads.</param>
    /// <param name="told">Told of each point.</param>
    public static IReadOnlyList<CurvePoint> Execute(
        ComparedProblem problem, string name, int epochs, ulong seed, WorkerTeam team, Action<CurvePoint> told)
    {
        EstimatorOptions options = ComparedEstimators.Parse(name);
        using ExactIndex scan = new(problem.Items);
        using IMipsIndex index = ComparedIndexes.Create(name, problem.Items, seed, team);
        using IGradientEstimator estimator = GradientEstimators.Create(
            options, new EstimatorSetting(problem.Items, problem.Train.Rewards, BatchSize, seed, team), options.NeedsIndex ? index : null);
        using Matrix theta = Theta.Initialise(problem.Items.Columns, ThetaInitialisation.Identity, 0, seed);
        using TrainingStep step = new(problem.Train, estimator, theta, BatchSize, new AdamOptions(), team);
        using PolicyEvaluator evaluator = new(problem.Test ?? throw new ArgumentException($"{problem.Name} has no test contexts."), team);
        int n = problem.Train.Contexts.Count, perEpoch = (n + BatchSize - 1) / BatchSize;
        int[] order = new int[n];
        List<CurvePoint> curve = [];
        double seconds = 0;
        Point(0);
        for (long number = 0; number < (long)perEpoch * epochs; number++)
        {
            int within = (int)(number % perEpoch);
            if (within == 0)
                Shuffle(number / perEpoch);
            long start = Stopwatch.GetTimestamp();
            step.Run((long)within * BatchSize, Math.Min(BatchSize, n - (within * BatchSize)), number, LearningRate);
            seconds += Stopwatch.GetElapsedTime(start).TotalSeconds;
            if ((number + 1) * PointsPerEpoch / perEpoch != number * PointsPerEpoch / perEpoch)
                Point((double)(number + 1) / perEpoch);
        }

        return curve;

        void Point(double at)
        {
            double error = step.Collect().Strata.GradientError;
            CurvePoint point = new(at, seconds, evaluator.Reward(theta, scan), error);
            curve.Add(point);
            told(point);
        }

        void Shuffle(long epoch)
        {
            for (int i = 0; i < n; i++)
                order[i] = i;
            new RandomDraws(seed, RandomPurpose.EpochOrder, epoch, 0).Shuffle(order);
            step.SetOrder(order);
        }
    }
}
