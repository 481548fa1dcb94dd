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

    /// <summary>The index asked in each step; null where the estimator asks none.</summary>
    public required string? Index { get; init; }

    /// <summary>What ran the steps: simd 512, 256 or 128.</summary>
    public required string Runner { get; init; }

    /// <summary>Threads used.</summary>
    public required int Threads { get; init; }

    /// <summary>Width of the vectors that the kernels ran with.</summary>
    public required int VectorBits { get; init; }

    /// <summary>Steps measured.</summary>
    public required int Steps { get; init; }

    /// <summary>Milliseconds a step, the query included.</summary>
    public required double MsPerStep { get; init; }

    /// <summary>The same for the slowest of twenty steps.</summary>
    public required double MsPerStepP95 { get; init; }

    /// <summary>Milliseconds in which the index answers a batch.</summary>
    public required double MsQuery { get; init; }

    /// <summary>Milliseconds a step without the query.</summary>
    public required double MsWithoutQuery { get; init; }

    /// <summary>Share of the exact top K that the index finds.</summary>
    public required double Recall { get; init; }

    /// <summary>Bytes that the runtime allocates a step, all threads together.</summary>
    public required double BytesAllocatedPerStep { get; init; }

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
