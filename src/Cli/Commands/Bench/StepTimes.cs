using System.Diagnostics;
using KernelPolicy.Cli.Devices;
using KernelPolicy.Cli.Display;
using KernelPolicy.Kernels.Ilgpu;
using KernelPolicy.Policy;

namespace KernelPolicy.Cli.Commands;

/// <summary>How long training steps took, in milliseconds, and what they allocated.</summary>
/// <param name="Median">Of whole steps.</param>
/// <param name="Percentile95">Of whole steps.</param>
/// <param name="MedianQuery">Of the index's share.</param>
/// <param name="MedianWithoutQuery">Of what is left without it.</param>
/// <param name="BytesPerStep">Mean of bytes allocated.</param>
/// <param name="InBulk">Mean of steps that are all asked for before any is waited for.</param>
/// <param name="Device">What those ask of a device.</param>
/// <param name="Kernels">The time of each kernel; null unless asked for.</param>
internal sealed record StepTimes(
    double Median,
    double Percentile95,
    double MedianQuery,
    double MedianWithoutQuery,
    double BytesPerStep,
    double InBulk,
    DeviceFigures Device,
    IReadOnlyList<KernelFigures>? Kernels)
{
    /// <summary>Takes steps and times each, until it is done; then as many in bulk; and, to time kernels, as many again.</summary>
    /// <param name="steps">The steps, wherever they run.</param>
    /// <param name="device">The device that they run on; null where it is the processor.</param>
    /// <param name="contexts">N, at least B: they are taken in turn, from the first again after the last whole batch.</param>
    /// <param name="learningRate">α.</param>
    /// <param name="request">B, how many steps, and whether kernels are timed.</param>
    /// <param name="warmup">Steps before those that are timed.</param>
    /// <param name="progress">Told when it begins and ends.</param>
    /// <param name="cancellation">Stops between steps.</param>
    public static StepTimes Measure(
        ITrainingSteps steps,
        ComputeDevice? device,
        int contexts,
        double learningRate,
        BenchRequest request,
        int warmup,
        IRunProgress progress,
        CancellationToken cancellation)
    {
        // Whole batches alone, so that each is one stretch: devices take no order longer than the contexts.
        int[] order = [.. Enumerable.Range(0, contexts / request.BatchSize * request.BatchSize)];
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
        DeviceCount count = new(device);
        double inBulk = TakeInBulk(warmup + request.Steps);
        StepTimes times = new(
            Quantile(total, 0.5),
            Quantile(total, 0.95),
            Quantile(query, 0.5),
            Quantile([.. total.Zip(query, (all, part) => all - part)], 0.5),
            bytes,
            inBulk,
            count.PerStep(request.Steps),
            request.Profile && device is not null ? Profile(device) : null);
        progress.End($"{times.Median:0.00} ms each");
        return times;

        StepSums Take(int number)
        {
            Ask(number);
            return steps.Collect();
        }

        void Ask(int number)
        {
            cancellation.ThrowIfCancellationRequested();
            steps.Run((long)number * request.BatchSize % order.Length, request.BatchSize, number, learningRate);
        }

        double TakeInBulk(int first)
        {
            long start = Stopwatch.GetTimestamp();
            for (int i = 0; i < request.Steps; i++)
                Ask(first + i);
            steps.Collect();
            return Stopwatch.GetElapsedTime(start).TotalMilliseconds / request.Steps;
        }

        List<KernelFigures> Profile(ComputeDevice profiled)
        {
            LaunchProfile profile = new();
            profiled.Profile = profile;
            TakeInBulk(warmup + (2 * request.Steps));
            profiled.Synchronise();
            profiled.Profile = null;
            return
            [
                .. profile.Kernels.Select(kernel => new KernelFigures(
                    kernel.Kernel, (double)kernel.Launches / request.Steps, kernel.Milliseconds / request.Steps)),
            ];
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
