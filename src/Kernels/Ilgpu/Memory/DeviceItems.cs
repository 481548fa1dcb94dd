using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace KernelPolicy.Kernels.Ilgpu;

/// <summary>How numbers of β are kept on a device.</summary>
public enum ItemPrecision
{
    /// <summary>Single: as on the host.</summary>
    Single,

    /// <summary>Half: 11 bits of precision in half the memory, magnitudes up to 65,504.</summary>
    Half,
}

/// <summary>β [P, L] in the memory of a device, in single or half precision.</summary>
internal sealed class DeviceItems : IDisposable
{
    private const int RowsPerCopy = 4096;

    private readonly DeviceMatrix? _single;
    private readonly DeviceArray<ushort>? _half;
    private readonly int _stride;
    private readonly Matrix _source;

    /// <summary>Copies β to a device.</summary>
    /// <param name="device">The device.</param>
    /// <param name="items">β; it stays the caller's, and may not change.</param>
    /// <param name="precision">How it is kept.</param>
    /// <exception cref="DeviceMemoryException">It does not fit.</exception>
    /// <exception cref="ArgumentException">A number is too large for half precision.</exception>
    public DeviceItems(ComputeDevice device, Matrix items, ItemPrecision precision)
    {
        (Device, Rows, Columns, _stride, _source) = (device, items.Rows, items.Columns, items.Stride, items);
        if (precision == ItemPrecision.Single)
        {
            _single = DeviceMatrix.From(device, items);
            return;
        }

        _half = new DeviceArray<ushort>(device, checked(items.Rows * items.Stride));
        try
        {
            UploadHalf(items);
        }
        catch
        {
            _half.Dispose();
            throw;
        }
    }

    /// <summary>The device.</summary>
    public ComputeDevice Device { get; }

    /// <summary>P.</summary>
    public long Rows { get; }

    /// <summary>L.</summary>
    public int Columns { get; }

    /// <summary>Bytes taken.</summary>
    public long Bytes => _single?.Bytes ?? _half!.Bytes;

    /// <summary>Makes something for this device and this precision.</summary>
    public T Build<T>(IKernelFactory<T> factory) => _single is not null
        ? Device.Style.Build(factory, Device, _single.Table)
        : Device.Style.Build(factory, Device, new HalfTable(_half!.View, _stride));

    /// <summary>Sums over β as it is on the device, computed on the host: what is taken away of draws must be what is added for all
    /// items, and so must be of the same numbers, rounded where these are.</summary>
    public CatalogueMoments Moments(WorkerTeam team)
    {
        if (_half is null)
            return CatalogueMoments.Compute(_source, team);
        using Matrix rounded = new(Rows, Columns);
        Half[] row = new Half[Columns];
        for (long item = 0; item < Rows; item++)
        {
            TensorPrimitives.ConvertToHalf(_source.Row(item), row);
            TensorPrimitives.ConvertToSingle(row, rounded.Row(item));
        }

        return CatalogueMoments.Compute(rounded, team);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _single?.Dispose();
        _half?.Dispose();
    }

    private void UploadHalf(Matrix items)
    {
        Half[] rows = new Half[RowsPerCopy * items.Stride];
        for (long first = 0; first < items.Rows; first += RowsPerCopy)
        {
            int count = (int)Math.Min(RowsPerCopy, items.Rows - first);
            for (int row = 0; row < count; row++)
            {
                Span<Half> narrow = rows.AsSpan(row * items.Stride, items.Stride);
                TensorPrimitives.ConvertToHalf(items.PaddedRow(first + row), narrow);
                foreach (Half value in narrow)
                {
                    if (!Half.IsFinite(value))
                        throw new ArgumentException(
                            $"Item {first + row} has a number beyond 65,504, the largest of half precision; keep items in single precision.", nameof(items));
                }
            }

            _half!.Upload(MemoryMarshal.Cast<Half, ushort>(rows.AsSpan(0, count * items.Stride)), first * items.Stride);
        }
    }
}
