using ILGPU;
using KernelPolicy.Kernels;
using KernelPolicy.Kernels.Ilgpu;
using KernelPolicy.Policy;

namespace KernelPolicy.DeviceTraining;

/// <summary>The contexts of a data set on a device, of which it makes X [B, L] of a batch and H = XΘ.</summary>
internal interface IDeviceContexts : IDisposable
{
    /// <summary>Launches what writes X and H.</summary>
    void Project(BatchView batch, BatchProjection projection);
}

/// <summary>Brings contexts to a device: histories as they are, since they take less room than the contexts that are made of
/// them, any others as a table.</summary>
internal sealed class DeviceContextsFactory(IContextSource source, Matrix hostItems) : IKernelFactory<IDeviceContexts>
{
    /// <inheritdoc/>
    public IDeviceContexts Create<TLanes, TTeam, TTable>(ComputeDevice device, TTable items)
        where TLanes : unmanaged, ILanes<TLanes>
        where TTeam : struct, ITeam
        where TTable : struct, ITable =>
        source is HistoryContexts histories && ReferenceEquals(histories.Items, hostItems)
            ? new DeviceHistories<TLanes, TTable>(device, items, histories.Histories)
            : new DeviceContextTable<TLanes>(device, source);
}

/// <summary>Contexts that are means of β over histories.</summary>
internal sealed class DeviceHistories<TLanes, TTable> : IDeviceContexts
    where TLanes : unmanaged, ILanes<TLanes>
    where TTable : struct, ITable
{
    private readonly ComputeDevice _device;
    private readonly TTable _items;
    private readonly DeviceRows _histories;
    private readonly Action<KernelConfig, TTable, CompressedRows, BatchView, BatchProjection> _kernel;

    public DeviceHistories(ComputeDevice device, TTable items, SparseRows histories)
    {
        (_device, _items) = (device, items);
        _histories = new DeviceRows(device, histories);
        _kernel = device.Load<TTable, CompressedRows, BatchView, BatchProjection>(
            ContextKernels.Histories<TLanes, TTable>);
    }

    public void Project(BatchView batch, BatchProjection projection)
    {
        _device.CountLaunch("contexts and projection");
        _kernel(new KernelConfig(batch.Count, _device.Style.GroupSize), _items, _histories.View, batch, projection);
    }

    public void Dispose() => _histories.Dispose();
}

/// <summary>Contexts in a table X [N, L].</summary>
internal sealed class DeviceContextTable<TLanes> : IDeviceContexts
    where TLanes : unmanaged, ILanes<TLanes>
{
    private const int RowsPerCopy = 4096;

    private readonly ComputeDevice _device;
    private readonly DeviceMatrix _table;
    private readonly Action<KernelConfig, FloatTable, BatchView, BatchProjection> _kernel;

    public DeviceContextTable(ComputeDevice device, IContextSource source)
    {
        _device = device;
        _table = new DeviceMatrix(device, source.Count, source.Dimension);
        using Matrix rows = new(Math.Min(RowsPerCopy, Math.Max(1, source.Count)), source.Dimension);
        for (int first = 0; first < source.Count; first += RowsPerCopy)
        {
            int count = Math.Min(RowsPerCopy, source.Count - first);
            for (int row = 0; row < count; row++)
                source.Fill(first + row, rows, row);
            _table.UploadRows(rows, count, first);
        }

        _kernel = device.Load<FloatTable, BatchView, BatchProjection>(ContextKernels.Rows<TLanes>);
    }

    public void Project(BatchView batch, BatchProjection projection)
    {
        _device.CountLaunch("contexts and projection");
        _kernel(new KernelConfig(batch.Count, _device.Style.GroupSize), _table.Table, batch, projection);
    }

    public void Dispose() => _table.Dispose();
}
