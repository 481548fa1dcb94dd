using System.Diagnostics;
using KernelPolicy.Cli.Display;
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
    /// <summary>Takes steps and times each, until it is done.</summary>
    /// <param name="steps">The steps, wherever they run.</param>
    /// <param name="contexts">N: they are taken in turn, from the first again after the last.</param>
    /// <param name="learningRate">α.</param>
    /// <param name="request">B and how many steps.</param>
    /// <param name="warmup">Steps before those that are timed.</param>
    /// <param name="progress">Told when it begins and ends.</param>
    /// <param name="cancellation">Stops between steps.</param>
    public static StepTimes Measure(
        ITrainingSteps steps,
        int contexts,
        double learningRate,
        BenchRequest request,
        int warmup,
        IRunProgress progress,
        CancellationToken cancellation)
    {
        // The first contexts once more behind the last, so that a batch that goes round is one stretch as well.
        int[] order = new int[contexts + request.BatchSize - 1];
        for (int i = 0; i < order.Length; i++)
            order[i] = i % contexts;
        steps.SetOrder(order);
        double[] total = new double[request.Steps], query = new double[request.Steps];
        progress.Begin("steps");
        for (int i = 0; i < warmup; i++)
            Take(i);
        long before = GC.GetTotalAllocatedBytes(precise: true);
        for (int i = 0; i < request.Steps; i++)
        {
            long start = Stopwatch.GetTimestamp();
            StepSums last = Take(warmup + i);
            total[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            query[i] = last.QuerySeconds * 1e3;
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

        StepSums Take(int number)
        {
            cancellation.ThrowIfCancellationRequested();
            steps.Run((long)number * request.BatchSize % contexts, request.BatchSize, number, learningRate);
            return steps.Collect();
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
