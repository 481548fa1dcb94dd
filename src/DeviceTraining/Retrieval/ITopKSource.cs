using KernelPolicy.Index;
using KernelPolicy.Kernels.Ilgpu;

namespace KernelPolicy.DeviceTraining;

/// <summary>Where the top K of a batch comes from: <see cref="DeviceScan"/>, <see cref="HostSearch"/> or, at K = 0,
/// <see cref="NoRetrieval"/>.</summary>
internal interface ITopKSource : IDisposable
{
    /// <summary>The top K on the device, once found.</summary>
    DeviceTopK Top { get; }

    /// <summary>The index on the host that is asked; null where none is.</summary>
    IMipsIndex? Index => null;

    /// <summary>Seconds in which that was asked so far; NaN where none is.</summary>
    double QuerySeconds => double.NaN;

    /// <summary>What finds it, as part of a description.</summary>
    string Description { get; }

    /// <summary>What it costs, for people; null where it costs nothing.</summary>
    string? Remark { get; }

    /// <summary>Finds the top K of a batch.</summary>
    void Find(DeviceBatch batch);
}

/// <summary>The device scores every item.</summary>
internal sealed class DeviceScan : ITopKSource
{
    private readonly IItemScan _scan;

    /// <summary>Compiles the kernels and reserves memory.</summary>
    public DeviceScan(ComputeDevice device, EstimatorParts parts, int k)
    {
        _scan = parts.Items.Build(new ItemScanFactory(parts.Catalogue, parts.Dimension, parts.BatchSize, k));
        Top = new DeviceTopK(device, parts.BatchSize, k);
    }

    public DeviceTopK Top { get; }

    public string Description => "device scan";

    public string Remark => $"the device scores every item for the top {Top.K}";

    public void Find(DeviceBatch batch) => _scan.Run(batch.Projected.View, batch.Panels, batch.View.Count, Top);

    public void Dispose()
    {
        _scan.Dispose();
        Top.Dispose();
    }
}

/// <summary>Nothing is retrieved: of each context none is found.</summary>
internal sealed class NoRetrieval(ComputeDevice device, int batchSize) : ITopKSource
{
    public DeviceTopK Top { get; } = new(device, batchSize, 0);

    public string Description => "none";

    public string? Remark => null;

    public void Find(DeviceBatch batch)
    {
    }

    public void Dispose() => Top.Dispose();
}
