namespace KernelPolicy.Kernels.Ilgpu;

/// <summary>What was to be put on a device does not fit its memory.</summary>
public sealed class DeviceMemoryException : Exception
{
    internal DeviceMemoryException(ComputeDevice device, long bytes, Exception? inner = null)
        : base(
            $"{device.Name} has {Size(device.MemoryBytes)} of memory, of which {Size(device.ReservedBytes)} are taken; " +
            $"{Size(bytes)} more do not fit. Half precision of the items takes half as much; the SIMD path needs no device.",
            inner) =>
        (RequestedBytes, AvailableBytes) = (bytes, Math.Max(0, device.MemoryBytes - device.ReservedBytes));

    /// <summary>Bytes asked for.</summary>
    public long RequestedBytes { get; }

    /// <summary>Bytes that were left.</summary>
    public long AvailableBytes { get; }

    private static string Size(long bytes) =>
        bytes < 1L << 30 ? $"{bytes / (double)(1 << 20):0.0} MiB" : $"{bytes / (double)(1L << 30):0.0} GiB";
}
