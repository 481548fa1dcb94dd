using KernelPolicy.Cli.Options;
using KernelPolicy.Cli.Pipeline;
using KernelPolicy.DeviceTraining;
using KernelPolicy.Kernels.Ilgpu;
using KernelPolicy.Policy;

namespace KernelPolicy.Cli.Devices;

/// <summary>What runs the steps, as far as it decides how a top K is best found.</summary>
internal enum StepRunner
{
    /// <summary>The processor by its own kernels.</summary>
    Simd,

    /// <summary>The processor through a driver.</summary>
    ProcessorAsDevice,

    /// <summary>A device beside the processor, or what emulates one.</summary>
    Graphics,
}

/// <summary>How the top K of a step is found. The one place where --index is given its meaning for trainings.</summary>
/// <param name="K">Items that a step asks for; 0 where it asks for none.</param>
/// <param name="IsGraph">Whether the index on the host is a graph; else it scans.</param>
/// <param name="IsOnDevice">Whether the device scans, so that the index on the host serves validation and test alone.</param>
/// <param name="Runner">What runs the steps.</param>
internal sealed record TopKPlan(int K, bool IsGraph, bool IsOnDevice, StepRunner Runner)
{
    // Numbers of β up to which a graphics device scans. By estimate, not measured: at some 10^12 bytes a second a scan of so
    // many takes about 2 ms a batch, about what a search of the graph by a few cores of the host and two copies take.
    private const long MostNumbersScanned = 400_000_000;

    /// <summary>How it is found, in words; null where the steps ask for none.</summary>
    public string? Words => (K, IsOnDevice, IsGraph, Runner) switch
    {
        (0, _, _, _) => null,
        (_, true, _, _) => $"top {K} by scanning on the device",
        (_, _, true, StepRunner.Simd) => $"top {K} by searching a graph",
        (_, _, true, _) => $"top {K} by searching a graph on the host",
        _ => $"top {K} by scanning",
    };

    /// <summary>Decides.</summary>
    /// <param name="choice">What was asked for: exact scans where the steps run, hnsw is a graph on the host, auto is whichever
    /// is expected to be faster; and the graph for any K beyond what a device scans for.</param>
    /// <param name="items">P.</param>
    /// <param name="dimension">L.</param>
    /// <param name="estimator">Whether steps ask for a top K, and which.</param>
    /// <param name="runner">What runs the steps.</param>
    /// <exception cref="ArgumentException">A device is to scan for more items than it can.</exception>
    public static TopKPlan For(IndexChoice choice, long items, int dimension, EstimatorOptions estimator, StepRunner runner)
    {
        int k = (int)Math.Min(estimator.RetrievedItems, items);
        bool isGraph = IndexFactory.IsGraph(choice, items, dimension, k);
        if (k == 0 || runner == StepRunner.Simd)
            return new TopKPlan(k, isGraph, false, runner);
        bool isTooLarge = k > DeviceTrainingOptions.MostScannedK;
        if (choice.Kind == "exact" && isTooLarge)
        {
            throw new ArgumentException(
                $"--top-k is {k}; a device scans for at most {DeviceTrainingOptions.MostScannedK}. --index hnsw searches a graph on the host for more.");
        }

        if (choice.Kind == "auto")
            isGraph = isTooLarge || (runner == StepRunner.Graphics ? items * dimension > MostNumbersScanned : isGraph);
        return new TopKPlan(k, isGraph, !isGraph, runner);
    }

    /// <summary>What runs the steps on a device; simd where there is none.</summary>
    public static StepRunner RunnerOf(ComputeDevice? device) =>
        device is null ? StepRunner.Simd : device.IsProcessor ? StepRunner.ProcessorAsDevice : StepRunner.Graphics;
}
