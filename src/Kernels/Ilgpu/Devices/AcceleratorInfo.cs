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
    internal static AcceleratorInfo None(AcceleratorKind kind, string reason) => new(kind, null, null, false, reason);

    internal static AcceleratorInfo Rejected(AcceleratorKind kind, string? name, long? memoryBytes, string reason) =>
        new(kind, name, memoryBytes, false, reason);

    internal static AcceleratorInfo Usable(AcceleratorKind kind, string name, long? memoryBytes) =>
        new(kind, name, memoryBytes, true, null);
}
