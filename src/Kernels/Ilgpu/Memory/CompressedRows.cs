using ILGPU;

namespace KernelPolicy.Kernels.Ilgpu;

/// <summary>Rows of item numbers on a device, one after the other (CSR): histories X and rewarded items Y. Offsets are
/// 64-bit.</summary>
/// <param name="offsets">Where each row starts [rows + 1].</param>
/// <param name="items">The items of all rows.</param>
internal readonly struct CompressedRows(ArrayView<long> offsets, ArrayView<int> items)
{
    private readonly ArrayView<long> _offsets = offsets;
    private readonly ArrayView<int> _items = items;

    /// <summary>Where a row starts.</summary>
    public long Start(int row) => _offsets[row];

    /// <summary>How many items a row has.</summary>
    public int Length(int row) => (int)(_offsets[row + 1L] - _offsets[row]);

    /// <summary>The item at a place, counted from the start of all rows.</summary>
    public int Item(long place) => _items[place];
}

/// <summary>The memory behind <see cref="CompressedRows"/>.</summary>
internal sealed class DeviceRows : IDisposable
{
    private readonly DeviceArray<long> _offsets;
    private readonly DeviceArray<int> _items;

    /// <summary>Copies rows to a device.</summary>
    /// <exception cref="DeviceMemoryException">They do not fit.</exception>
    public DeviceRows(ComputeDevice device, SparseRows rows)
    {
        _offsets = new DeviceArray<long>(device, rows.Offsets.Length);
        try
        {
            _items = new DeviceArray<int>(device, rows.ItemCount);
        }
        catch
        {
            _offsets.Dispose();
            throw;
        }

        _offsets.Upload(rows.Offsets);
        _items.Upload(rows.Items);
    }

    /// <summary>The rows as kernels see them.</summary>
    public CompressedRows View => new(_offsets.View, _items.View);

    /// <inheritdoc/>
    public void Dispose()
    {
        _offsets.Dispose();
        _items.Dispose();
    }
}
