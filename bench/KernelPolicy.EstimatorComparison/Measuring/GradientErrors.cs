using System.Diagnostics;
using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;

namespace KernelPolicy.EstimatorComparison.Measuring;

/// <summary>How far an estimator's g is from the exact one.</summary>
/// <param name="Median">Median over contexts of the mean over repetitions of ‖ĝ − g‖²/‖g‖².</param>
/// <param name="Pooled">Σ‖ĝ − g‖²/Σ‖g‖² over contexts and repetitions.</param>
/// <param name="Bias">Σ‖mean ĝ − g‖²/Σ‖g‖² over contexts, less what the mean's own variance adds: the share of the pooled error that
/// repetition does not remove; may come out negative.</param>
/// <param name="Claimed">The pooled error that the estimator itself states; NaN where it states none.</param>
/// <param name="Milliseconds">A batch, the query of an exact index included.</param>
internal sealed record GradientErrors(double Median, double Pooled, double Bias, double Claimed, double Milliseconds)
{
    /// <summary>Measures on the contexts as one batch.</summary>
    /// <param name="problem">Items and rewards.</param>
    /// <param name="projected">h of the contexts.</param>
    /// <param name="contexts">The contexts.</param>
    /// <param name="options">The estimator.</param>
    /// <param name="repetitions">Estimates of each, with draws of their own.</param>
    /// <param name="team">Threads.</param>
    public static GradientErrors Measure(
        TrainingProblem problem, Matrix projected, int[] contexts, EstimatorOptions options, int repetitions, WorkerTeam team)
    {
        int n = contexts.Length, dimension = problem.Items.Columns;
        using ExactIndex index = new(problem.Items);
        EstimatorSetting setting = new(problem.Items, problem.Rewards, n, 1, team);
        using Matrix exact = new(n, dimension), estimate = new(n, dimension);
        GradientErrorSums sums = new(repetitions, checked(n * dimension));
        using EstimatorBatch batch = new(n, dimension);
        using (IGradientEstimator oracle = GradientEstimators.Create(new ExactOptions(), setting))
        {
            Set(0);
            oracle.Estimate(batch, exact);
            for (int i = 0; i < n; i++)
                exact.Row(i).CopyTo(sums.Exact[(i * dimension)..]);
        }

        using IGradientEstimator estimator = GradientEstimators.Create(options, setting, options.NeedsIndex ? index : null);
        double[] errors = new double[n];
        double seconds = 0, claimedVariance = 0, claimedSquare = 0;
        for (int repetition = 0; repetition < repetitions; repetition++)
        {
            Set(repetition);
            long start = Stopwatch.GetTimestamp();
            estimator.Estimate(batch, estimate);
            seconds += Stopwatch.GetElapsedTime(start).TotalSeconds;
            claimedVariance += estimator.Statistics.Strata.GradientVariance;
            claimedSquare += estimator.Statistics.Strata.GradientSquare;
            for (int i = 0; i < n; i++)
            {
                sums.Set(repetition, i * dimension, estimate.Row(i));
                for (int l = 0; l < dimension; l++)
                {
                    double difference = estimate.Row(i)[l] - exact.Row(i)[l];
                    errors[i] += difference * difference / repetitions;
                }
            }
        }

        double[] ratios = [.. errors.Select((error, i) => error / exact.Row(i).ToArray().Sum(v => (double)v * v)).Order()];
        double claimed = claimedSquare == 0 ? double.NaN : claimedVariance / claimedSquare;
        GradientAudit pooled = sums.ToAudit(0, 0, n, claimed);
        return new GradientErrors(ratios[n / 2], pooled.SquaredError, pooled.SquaredBias, claimed, seconds / repetitions * 1e3);

        void Set(int step)
        {
            batch.Set(contexts, step);
            for (int i = 0; i < n; i++)
                projected.PaddedRow(i).CopyTo(batch.Projected.PaddedRow(i));
        }
    }
}
