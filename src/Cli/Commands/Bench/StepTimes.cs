using System.Diagnostics;
using KernelPolicy.Cli.Display;
using KernelPolicy.Kernels;
using KernelPolicy.Policy;

namespace KernelPolicy.Cli.Commands;

/// <summary>How long training steps took, in milliseconds, and what they allocated.</summary>
/// <param name="Median">Of whole steps.</param>
/// <param name="Percentile95">Of whole steps.</param>
/// <param name="MedianQuery">Of the index's share.</param>
/// <param name="MedianWithoutQuery">Of what is left without it.</param>
/// <param name="BytesPerStep">Mean of bytes allocated.</param>
internal sealed record StepTimes(
    double Median, double Percentile95, double MedianQuery, double MedianWithoutQuery, double BytesPerStep)
{
    /// <summary>Takes steps and times each.</summary>
    public static StepTimes Measure(
        TrainingProblem problem,
        IGradientEstimator estimator,
        Matrix theta,
        double learningRate,
        BenchRequest request,
        int warmup,
        WorkerTeam team,
        IRunProgress progress,
        CancellationToken cancellation)
    {
        using TrainingStep step = new(problem, estimator, theta, request.BatchSize, new AdamOptions(), team);
        int[] batch = new int[request.BatchSize];
        double[] total = new double[request.Steps], query = new double[request.Steps];
        progress.Begin("steps");
        for (int i = 0; i < warmup; i++)
            Take(i);
        long before = GC.GetTotalAllocatedBytes(precise: true);
        for (int i = 0; i < request.Steps; i++)
        {
            long start = Stopwatch.GetTimestamp();
            Take(warmup + i);
            total[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            query[i] = step.Statistics.QuerySeconds * 1e3;
        }

        double bytes = (double)(GC.GetTotalAllocatedBytes(precise: true) - before) / request.Steps;
        StepTimes times = new(
            Quantile(total, 0.5),
            Quantile(total, 0.95),
            Quantile(query, 0.5),
            Quantile([.. total.Zip(query, (all, part) => all - part)], 0.5),
            bytes);
        progress.End($"{times.Median:0.00} ms each");
        return times;

        void Take(int number)
        {
            cancellation.ThrowIfCancellationRequested();
            for (int i = 0; i < batch.Length; i++)
                batch[i] = (int)((((long)number * batch.Length) + i) % problem.Contexts.Count);
            step.Run(batch, number, learningRate);
        }
    }

    private static double Quantile(double[] values, double share)
    {
        double[] sorted = [.. values.Order()];
        double place = share * (sorted.Length - 1);
        int below = (int)place;
        return below + 1 < sorted.Length ? sorted[below] + ((place - below) * (sorted[below + 1] - sorted[below])) : sorted[below];
    }
}
