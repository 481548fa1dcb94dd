namespace KernelPolicy.Kernels.Ilgpu;

/// <summary>The ways in which ILGPU can run a kernel.</summary>
public enum AcceleratorKind
{
    /// <summary>An NVIDIA device through its driver.</summary>
    Cuda,

    /// <summary>A device of any vendor, or the processor, through an OpenCL driver.</summary>
    OpenCl,

    /// <summary>ILGPU's own emulation on the processor: for checking kernels, never for speed.</summary>
    CpuEmulator,
}

/// <summary>A device that kernels could run on, or a kind of which there is none.</summary>
/// <param name="Kind">How it is reached.</param>
/// <param name="Name">What the device calls itself; null where no device of the kind was found.</param>
/// <param name="MemoryBytes">Memory of the device; null where unknown, or where it is the processor's.</param>
/// <param name="Available">Whether kernels can run on it.</param>
/// <param name="Reason">Why kernels cannot run on it, and what would help; null where they can.</param>
public sealed record AcceleratorInfo(AcceleratorKind Kind, string? Name, long? MemoryBytes, bool Available, string? Reason)
{
    internal const string ByOneThread = "one thread a group takes sixteen numbers at once, as on a processor";
    internal const string ByWarps = "eight threads of a warp read an item together";
    internal const string ByThreads = "each thread reads items by itself, for want of sub-groups of at least eight";

    /// <summary>Whether it is the processor, reached through a driver: its memory and cores are the host's as well.</summary>
    public bool IsProcessor { get; init; }

    /// <summary>How kernels share their work among its threads; null where they cannot run on it.</summary>
    public string? Style { get; init; }

    internal static AcceleratorInfo None(AcceleratorKind kind, string reason) => new(kind, null, null, false, reason);

    internal static AcceleratorInfo Rejected(AcceleratorKind kind, string? name, long? memoryBytes, string reason) =>
        new(kind, name, memoryBytes, false, reason);

    internal static AcceleratorInfo Usable(AcceleratorKind kind, string name, long? memoryBytes, string style) =>
        new(kind, name, memoryBytes, true, null) { Style = style };
}
