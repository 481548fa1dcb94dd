using System.Runtime.InteropServices;
using ILGPU;
using ILGPU.Runtime;

namespace KernelPolicy.Kernels.Ilgpu;

/// <summary>Numbers in the memory of a device.</summary>
/// <typeparam name="T">Their type.</typeparam>
/// <remarks>Copies run in the order of the device's launches, and are done when they return. The numbers of the host stay in
/// their place meanwhile: of ILGPU's copies only those of spans see to that. Not thread-safe, as its device.</remarks>
internal sealed class DeviceArray<T> : IDisposable
    where T : unmanaged
{
    private readonly ComputeDevice _device;
    private readonly MemoryBuffer1D<T, Stride1D.Dense> _buffer;

    /// <summary>Reserves room, filled with zeros.</summary>
    /// <exception cref="DeviceMemoryException">The device has not that much left.</exception>
    public DeviceArray(ComputeDevice device, long length)
    {
        _device = device;
        Length = length;
        long bytes = checked(Math.Max(1, length) * Marshal.SizeOf<T>());
        device.Reserve(bytes);
        Bytes = bytes;
        try
        {
            _buffer = device.Accelerator.Allocate1D<T>(Math.Max(1, length));
        }
        catch (Exception e) when (e is AcceleratorException or OutOfMemoryException)
        {
            device.Release(bytes);
            throw new DeviceMemoryException(device, bytes, e);
        }

        device.NewArrays?.Add(this);
        _buffer.View.BaseView.MemSetToZero(device.Accelerator.DefaultStream);
    }

    /// <summary>How many.</summary>
    public long Length { get; }

    /// <summary>Bytes they take.</summary>
    public long Bytes { get; }

    /// <summary>The numbers as kernels take them.</summary>
    public ArrayView<T> View => _buffer.View.BaseView;

    /// <summary>Copies numbers from the host to the start, or to <paramref name="offset"/>.</summary>
    public void Upload(ReadOnlySpan<T> source, long offset = 0)
    {
        if (source.IsEmpty)
            return;
        _device.CountUpload((long)source.Length * Marshal.SizeOf<T>());
        View.SubView(offset, source.Length).CopyFromCPU(_device.Accelerator.DefaultStream, source);
    }

    /// <summary>Copies numbers from the start, or from <paramref name="offset"/>, to the host.</summary>
    public void Download(Span<T> target, long offset = 0)
    {
        if (target.IsEmpty)
            return;
        _device.CountDownload((long)target.Length * Marshal.SizeOf<T>());
        View.SubView(offset, target.Length).CopyToCPU(_device.Accelerator.DefaultStream, target);
    }

    /// <summary>Sets all to zero.</summary>
    public void Clear() => View.MemSetToZero(_device.Accelerator.DefaultStream);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_buffer.IsDisposed)
            return;
        _buffer.Dispose();
        _device.Release(Bytes);
    }
}
