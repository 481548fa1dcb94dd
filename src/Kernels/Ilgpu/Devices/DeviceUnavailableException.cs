namespace KernelPolicy.Kernels.Ilgpu;

/// <summary>A device was asked for, and there is none that can be used. Another is never taken in its place.</summary>
public sealed class DeviceUnavailableException : Exception
{
    internal DeviceUnavailableException(AcceleratorKind kind, IReadOnlyList<AcceleratorInfo> candidates)
        : base(Describe(kind, candidates)) => (Kind, Candidates) = (kind, candidates);

    /// <summary>What was asked for.</summary>
    public AcceleratorKind Kind { get; }

    /// <summary>Every device of this machine, with the reason why it cannot be used where it cannot.</summary>
    public IReadOnlyList<AcceleratorInfo> Candidates { get; }

    private static string Describe(AcceleratorKind kind, IReadOnlyList<AcceleratorInfo> candidates) =>
        $"There is no usable {Name(kind)} device. Devices of this machine:{Environment.NewLine}" + string.Join(
            Environment.NewLine,
            candidates.Select(c => $"  {Name(c.Kind)}: {c.Name ?? "none"}, {(c.Available ? "usable" : $"not usable: {c.Reason}")}"));

    private static string Name(AcceleratorKind kind) => kind switch
    {
        AcceleratorKind.Cuda => "CUDA",
        AcceleratorKind.OpenCl => "OpenCL",
        _ => "cpu-accelerator (emulated, for tests)",
    };
}
