using ILGPU;
using KernelPolicy.Kernels.Ilgpu;
using KernelPolicy.Policy;

namespace KernelPolicy.DeviceTraining;

/// <summary>REINFORCE on a device: draws from π by the full softmax, whose weights [B, P] are kept for it.</summary>
internal sealed class ReinforceDeviceEstimator<TLanes, TTeam, TTable> : IDeviceEstimator
    where TLanes : unmanaged, ILanes<TLanes>
    where TTeam : struct, ITeam
    where TTable : struct, ITable
{
    private readonly ComputeDevice _device;
    private readonly ReinforceOptions _options;
    private readonly CataloguePass<TLanes, TTable, KeepAll> _catalogue;
    private readonly SampledPass<TLanes, TTeam, TTable, GivenDraws, SparseRewards>? _pass;
    private readonly SampledPass<TLanes, TTeam, TTable, GivenDraws, GivenRewards>? _hostPass;
    private readonly DeviceRewards? _rewards;
    private readonly HostRewards? _hostRewards;
    private readonly DeviceArray<double> _cumulative;
    private readonly DeviceArray<int> _draws;
    private readonly DeviceArray<float> _logWeights;
    private readonly Action<KernelConfig, KeptWeights, CatalogueShape, ArrayView<double>, ArrayView<double>> _cumulate;
    private readonly Action<KernelConfig, KeptWeights, CatalogueShape, ArrayView<double>, BatchView, SampledShape, ArrayView<int>, ArrayView<float>> _draw;

    public ReinforceDeviceEstimator(ComputeDevice device, TTable items, EstimatorParts parts, ReinforceOptions options)
    {
        (_device, _options) = (device, options);
        _catalogue = new CataloguePass<TLanes, TTable, KeepAll>(device, items, parts.Catalogue, parts.Dimension, parts.BatchSize);
        long draws = (long)parts.BatchSize * options.Samples;
        _cumulative = new DeviceArray<double>(device, (long)parts.BatchSize * _catalogue.Shape(parts.BatchSize).Blocks);
        _draws = new DeviceArray<int>(device, draws);
        _logWeights = new DeviceArray<float>(device, draws);
        if (parts.Rewards.IsSparse)
        {
            _rewards = new DeviceRewards(device, parts.Rewards);
            _pass = new SampledPass<TLanes, TTeam, TTable, GivenDraws, SparseRewards>(device, items, options.Samples, parts.BatchSize);
        }
        else
        {
            _hostRewards = new HostRewards(device, parts.Rewards, parts.BatchSize, options.Samples);
            _hostPass = new SampledPass<TLanes, TTeam, TTable, GivenDraws, GivenRewards>(device, items, options.Samples, parts.BatchSize);
        }

        _cumulate = device.Load<KeptWeights, CatalogueShape, ArrayView<double>, ArrayView<double>>(PolicyDrawKernels.Cumulate);
        _draw = device.Load<KeptWeights, CatalogueShape, ArrayView<double>, BatchView, SampledShape, ArrayView<int>, ArrayView<float>>(PolicyDrawKernels.Draw);
    }

    public string Name => _options.Baseline ? "reinforce+baseline" : "reinforce";

    public string Description => $"{Name}/S={_options.Samples}";

    public IEnumerable<string> Remarks => _hostRewards is null ? [] : [HostRewards.Remark];

    public void Estimate(DeviceBatch batch, ArrayView<float> gradients, BatchReport report)
    {
        int count = batch.View.Count, threads = _device.Style.GroupSize;
        CatalogueShape shape = _catalogue.Shape(count);
        SampledShape samples = _pass?.Shape ?? _hostPass!.Shape;
        _catalogue.Run(batch.Panels, count);
        _device.CountLaunch("cumulative mass");
        _cumulate(new KernelConfig(count, threads), _catalogue.Kept, shape, _catalogue.LogPartition, _cumulative.View);
        _device.CountLaunch("policy draws");
        _draw(new KernelConfig(count * samples.Parts, threads), _catalogue.Kept, shape, _cumulative.View, batch.View, samples, _draws.View,
            _logWeights.View);
        GivenDraws draws = new(_draws.View, _logWeights.View, _options.Samples);

        // With the mean reward as baseline, Σ (r − b) = 0 and E_π[β] drops out: the form of the other estimators.
        ArrayView<float>? meanItems = _options.Baseline ? null : _catalogue.MeanItems;
        BatchReport unweighted = report.WithoutWeights();
        if (_pass is not null)
            _pass.Run(batch.View, batch.Projected.View, draws, _rewards!.View, meanItems, gradients, unweighted);
        else
            _hostPass!.Run(batch.View, batch.Projected.View, draws, _hostRewards!.Of(batch.Contexts, _draws), meanItems, gradients, unweighted);
    }

    public void Dispose()
    {
        _catalogue.Dispose();
        _pass?.Dispose();
        _hostPass?.Dispose();
        _rewards?.Dispose();
        _hostRewards?.Dispose();
        _cumulative.Dispose();
        _draws.Dispose();
        _logWeights.Dispose();
    }
}
