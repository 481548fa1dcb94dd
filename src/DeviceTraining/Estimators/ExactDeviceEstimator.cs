using ILGPU;
using ILGPU.Runtime;
using KernelPolicy.Kernels.Ilgpu;

namespace KernelPolicy.DeviceTraining;

/// <summary>The exact gradient on a device, where few items of a context are rewarded.</summary>
internal sealed class ExactDeviceEstimator<TLanes, TTeam, TTable> : IDeviceEstimator
    where TLanes : unmanaged, ILanes<TLanes>
    where TTeam : struct, ITeam
    where TTable : struct, ITable
{
    private readonly ComputeDevice _device;
    private readonly TTable _items;
    private readonly DeviceRewards _rewards;
    private readonly CataloguePass<TLanes, TTable, KeepNone> _pass;
    private readonly Action<KernelConfig, TTable, ArrayView<float>, BatchView, SparseRewards, ArrayView<double>, ArrayView<float>, ArrayView<float>, BatchReport> _kernel;

    public ExactDeviceEstimator(ComputeDevice device, TTable items, EstimatorParts parts)
    {
        (_device, _items) = (device, items);
        _rewards = new DeviceRewards(device, parts.Rewards);
        _pass = new CataloguePass<TLanes, TTable, KeepNone>(device, items, parts.Catalogue, parts.Dimension, parts.BatchSize);
        _kernel = device.Accelerator.LoadStreamKernel<TTable, ArrayView<float>, BatchView, SparseRewards, ArrayView<double>, ArrayView<float>, ArrayView<float>, BatchReport>(
            ExactGradientKernel.Run<TLanes, TTable>);
    }

    public string Name => "exact";

    public string Description => "exact";

    public void Estimate(DeviceBatch batch, ArrayView<float> gradients, BatchReport report)
    {
        _pass.Run(batch.Panels, batch.View.Count);
        _device.CountLaunch("exact gradient");
        _kernel(
            new KernelConfig(batch.View.Count, _device.Style.GroupSize), _items, batch.Projected.View, batch.View, _rewards.View,
            _pass.LogPartition, _pass.MeanItems, gradients, report);
    }

    public void Dispose()
    {
        _rewards.Dispose();
        _pass.Dispose();
    }
}

/// <summary>The exact gradient on a device with rewards of the host's for every item: all items are drawn once, and B·P
/// rewards copied a step.</summary>
internal sealed class DenseExactDeviceEstimator<TLanes, TTeam, TTable> : IDeviceEstimator
    where TLanes : unmanaged, ILanes<TLanes>
    where TTeam : struct, ITeam
    where TTable : struct, ITable
{
    private readonly HostRewards _rewards;
    private readonly SampledPass<TLanes, TTeam, TTable, WholeCatalogue, GivenRewards> _pass;

    public IEnumerable<string> Remarks => ["rewards are computed on the host: a step copies those of every item to the device"];

    public DenseExactDeviceEstimator(ComputeDevice device, TTable items, EstimatorParts parts)
    {
        _rewards = new HostRewards(device, parts.Rewards, parts.BatchSize, parts.Catalogue);
        _pass = new SampledPass<TLanes, TTeam, TTable, WholeCatalogue, GivenRewards>(device, items, parts.Catalogue, parts.BatchSize);
    }

    public string Name => "exact";

    public string Description => "exact";

    public void Estimate(DeviceBatch batch, ArrayView<float> gradients, BatchReport report) => _pass.Run(
        batch.View, batch.Projected.View, default, _rewards.OfAll(batch.Contexts), null, gradients, report.WithoutWeights());

    public void Dispose()
    {
        _rewards.Dispose();
        _pass.Dispose();
    }
}
