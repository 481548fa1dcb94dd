using ILGPU;

namespace KernelPolicy.Kernels.Ilgpu;

/// <summary>Launches <see cref="SampledPassKernel"/> and <see cref="SampledJoinKernel"/>, and owns the memory between
/// them.</summary>
/// <remarks>Two launches a batch.</remarks>
internal sealed class SampledPass<TLanes, TTeam, TTable, TProposal, TRewards> : IDisposable
    where TLanes : unmanaged, ILanes<TLanes>
    where TTeam : struct, ITeam
    where TTable : struct, ITable
    where TProposal : struct, IProposal
    where TRewards : struct, IRewardTable
{
    private readonly ComputeDevice _device;
    private readonly TTable _items;
    private readonly SampledShape _shape;
    private readonly DeviceArray<float> _heads;
    private readonly DeviceArray<float> _sums;
    private readonly Action<KernelConfig, TTable, ArrayView<float>, BatchView, SampledShape, TProposal, TRewards, ArrayView<float>, ArrayView<float>> _pass;
    private readonly Action<KernelConfig, ArrayView<float>, ArrayView<float>, SampledShape, int, ArrayView<float>, BatchReport> _join;
    private readonly Action<KernelConfig, ArrayView<float>, ArrayView<float>, SampledShape, int, ArrayView<float>, ArrayView<float>, BatchReport> _joinWithMean;

    /// <summary>Compiles the kernels and reserves memory for a batch.</summary>
    /// <param name="device">The device.</param>
    /// <param name="items">β [P, L].</param>
    /// <param name="samples">S.</param>
    /// <param name="batchSize">B.</param>
    public SampledPass(ComputeDevice device, TTable items, int samples, int batchSize)
    {
        (_device, _items) = (device, items);
        _shape = new SampledShape(samples, device.Style.DimensionThreads(items.Stride, TLanes.Count));
        int teams = device.Style.GroupSize / _shape.DimensionThreads;
        long parts = (long)batchSize * _shape.Parts;
        _heads = new DeviceArray<float>(device, parts * SampledShape.HeadNumbers);
        _sums = new DeviceArray<float>(device, parts * teams * 2 * items.Stride);
        _pass = device.Load<TTable, ArrayView<float>, BatchView, SampledShape, TProposal, TRewards, ArrayView<float>, ArrayView<float>>(
            SampledPassKernel.Run<TLanes, TTeam, TTable, TProposal, TRewards>);
        _join = device.Load<ArrayView<float>, ArrayView<float>, SampledShape, int, ArrayView<float>, BatchReport>(
            SampledJoinKernel.Run<TLanes>);
        _joinWithMean = device.Load<ArrayView<float>, ArrayView<float>, SampledShape, int, ArrayView<float>, ArrayView<float>, BatchReport>(
            SampledJoinKernel.RunWithMean<TLanes>);
    }

    /// <summary>The shape of the pass.</summary>
    public SampledShape Shape => _shape;

    /// <summary>Draws, weighs and adds up: g [B, L] and the report of the batch.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="queries">H [B, L].</param>
    /// <param name="proposal">Where items come from.</param>
    /// <param name="rewards">Their rewards.</param>
    /// <param name="meanItems">E_π[β] [B, L] where it is known, and is to take the place of that of the draws; else
    /// null.</param>
    /// <param name="gradients">Receives g.</param>
    /// <param name="report">Receives the report.</param>
    public void Run(
        BatchView batch, ArrayView<float> queries, TProposal proposal, TRewards rewards, ArrayView<float>? meanItems,
        ArrayView<float> gradients, BatchReport report)
    {
        int threads = _device.Style.GroupSize;
        _device.CountLaunch("sampled pass");
        _pass(new KernelConfig(batch.Count * _shape.Parts, threads), _items, queries, batch, _shape, proposal, rewards, _heads.View, _sums.View);
        _device.CountLaunch("sampled join");
        if (meanItems is { } expected)
            _joinWithMean(new KernelConfig(batch.Count, threads), _heads.View, _sums.View, _shape, _items.Stride, expected, gradients, report);
        else
            _join(new KernelConfig(batch.Count, threads), _heads.View, _sums.View, _shape, _items.Stride, gradients, report);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _heads.Dispose();
        _sums.Dispose();
    }
}
