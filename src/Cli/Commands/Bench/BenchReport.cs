using KernelPolicy.Cli.Devices;

namespace KernelPolicy.Cli.Commands;

/// <summary>What was measured, as --json writes it. Times of steps are medians; where a figure does not apply it is
/// null.</summary>
internal sealed record BenchReport
{
    /// <summary>P.</summary>
    public required int Items { get; init; }

    /// <summary>L.</summary>
    public required int Dim { get; init; }

    /// <summary>B.</summary>
    public required int BatchSize { get; init; }

    /// <summary>exact, reinforce, uniform or mixture.</summary>
    public required string Estimator { get; init; }

    /// <summary>Its parameters.</summary>
    public required string EstimatorSettings { get; init; }

    /// <summary>The index on the host that is asked in each step; null where none is.</summary>
    public required string? Index { get; init; }

    /// <summary>How the top K of a step is found, in words; null where the estimator asks for none.</summary>
    public required string? TopKBy { get; init; }

    /// <summary>Where steps were to run: auto, simd, opencl, cuda or cpu-accelerator.</summary>
    public required string Device { get; init; }

    /// <summary>Why they ran where they did, in words.</summary>
    public required string DeviceReason { get; init; }

    /// <summary>What ran the steps: simd 512, 256 or 128; or how a device is reached, and its name.</summary>
    public required string Runner { get; init; }

    /// <summary>Threads used.</summary>
    public required int Threads { get; init; }

    /// <summary>Width of the vectors that the kernels ran with.</summary>
    public required int VectorBits { get; init; }

    /// <summary>Steps measured.</summary>
    public required int Steps { get; init; }

    /// <summary>Milliseconds a step, the query included, each waited for.</summary>
    public required double MsPerStep { get; init; }

    /// <summary>The same for the slowest of twenty steps.</summary>
    public required double MsPerStepP95 { get; init; }

    /// <summary>Milliseconds a step where all are asked for and then waited for, as a training does: a device need not wait
    /// for the host between them.</summary>
    public required double MsPerStepInBulk { get; init; }

    /// <summary>Milliseconds in which the index answers a batch.</summary>
    public required double MsQuery { get; init; }

    /// <summary>Milliseconds a step without the query.</summary>
    public required double MsWithoutQuery { get; init; }

    /// <summary>Share of the exact top K that the index finds.</summary>
    public required double Recall { get; init; }

    /// <summary>Bytes that the runtime allocates a step, all threads together.</summary>
    public required double BytesAllocatedPerStep { get; init; }

    /// <summary>Kernels that a device runs a step, in bulk; null where there is none, as the two that follow.</summary>
    public required double LaunchesPerStep { get; init; }

    /// <summary>Bytes copied to the device a step.</summary>
    public required double UpBytesPerStep { get; init; }

    /// <summary>Bytes copied from the device a step.</summary>
    public required double DownBytesPerStep { get; init; }

    /// <summary>The time of each kernel; null unless asked for.</summary>
    public required IReadOnlyList<KernelFigures>? Kernels { get; init; }

    /// <summary>The largest memory that the process held, in MiB, with all that drawing the catalogue and building the
    /// index took.</summary>
    public required double PeakRssMb { get; init; }

    /// <summary>Item embeddings in MiB.</summary>
    public required double ItemsMb { get; init; }

    /// <summary>The index in MiB, beside the items.</summary>
    public required double IndexMb { get; init; }

    /// <summary>Seconds to build the index; 0 where there is nothing to build.</summary>
    public required double BuildSeconds { get; init; }

    /// <summary>Seconds to draw the catalogue.</summary>
    public required double WorkloadSeconds { get; init; }
}
