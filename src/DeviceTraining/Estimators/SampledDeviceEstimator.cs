using ILGPU;
using ILGPU.Runtime;
using KernelPolicy.Index;
using KernelPolicy.Kernels.Ilgpu;

namespace KernelPolicy.DeviceTraining;

/// <summary>The frame of the estimators that draw from a proposal: rewards that the device has are looked up as the draws are
/// made; for others the draws are kept, and the host is asked in between.</summary>
internal abstract class SampledDeviceEstimator<TLanes, TTeam, TTable, TProposal> : IDeviceEstimator
    where TLanes : unmanaged, ILanes<TLanes>
    where TTeam : struct, ITeam
    where TTable : struct, ITable
    where TProposal : struct, IProposal
{
    private readonly SampledPass<TLanes, TTeam, TTable, TProposal, SparseRewards>? _pass;
    private readonly SampledPass<TLanes, TTeam, TTable, GivenDraws, GivenRewards>? _givenPass;
    private readonly DeviceRewards? _rewards;
    private readonly HostRewards? _hostRewards;
    private readonly DeviceArray<int>? _draws;
    private readonly DeviceArray<float>? _logWeights;
    private readonly Action<KernelConfig, BatchView, SampledShape, TProposal, ArrayView<int>, ArrayView<float>>? _keepDraws;
    private readonly int _samples;

    protected SampledDeviceEstimator(ComputeDevice device, TTable items, EstimatorParts parts, int samples)
    {
        (Device, Items, _samples) = (device, items, samples);
        if (parts.Rewards.IsSparse)
        {
            _rewards = new DeviceRewards(device, parts.Rewards);
            _pass = new SampledPass<TLanes, TTeam, TTable, TProposal, SparseRewards>(device, items, samples, parts.BatchSize);
            return;
        }

        _hostRewards = new HostRewards(device, parts.Rewards, parts.BatchSize, samples);
        _givenPass = new SampledPass<TLanes, TTeam, TTable, GivenDraws, GivenRewards>(device, items, samples, parts.BatchSize);
        _draws = new DeviceArray<int>(device, (long)parts.BatchSize * samples);
        _logWeights = new DeviceArray<float>(device, (long)parts.BatchSize * samples);
        _keepDraws = device.Accelerator.LoadStreamKernel<BatchView, SampledShape, TProposal, ArrayView<int>, ArrayView<float>>(
            KeepDrawsKernel.Run<TProposal>);
    }

    public abstract string Name { get; }

    public abstract string Description { get; }

    public virtual IMipsIndex? Index => null;

    public virtual int RetrievedItems => 0;

    public virtual double QuerySeconds => double.NaN;

    public virtual IEnumerable<string> Remarks => _hostRewards is null ? [] : [HostRewards.Remark];

    protected ComputeDevice Device { get; }

    protected TTable Items { get; }

    public void Estimate(DeviceBatch batch, ArrayView<float> gradients, BatchReport report)
    {
        TProposal proposal = Prepare(batch);
        if (_pass is not null)
        {
            _pass.Run(batch.View, batch.Projected.View, proposal, _rewards!.View, null, gradients, report);
            return;
        }

        SampledShape shape = _givenPass!.Shape;
        Device.CountLaunch("draws");
        _keepDraws!(
            new KernelConfig(batch.View.Count * shape.Parts, Device.Style.GroupSize), batch.View, shape, proposal, _draws!.View, _logWeights!.View);
        GivenRewards rewards = _hostRewards!.Of(batch.Contexts, _draws);
        _givenPass.Run(
            batch.View, batch.Projected.View, new GivenDraws(_draws.View, _logWeights.View, _samples), rewards, null, gradients, report);
    }

    public virtual void Dispose()
    {
        _pass?.Dispose();
        _givenPass?.Dispose();
        _rewards?.Dispose();
        _hostRewards?.Dispose();
        _draws?.Dispose();
        _logWeights?.Dispose();
    }

    /// <summary>Launches what the proposal needs.</summary>
    protected abstract TProposal Prepare(DeviceBatch batch);
}
