using System.Globalization;
using KernelPolicy.Index;
using KernelPolicy.Kernels;
using KernelPolicy.Kernels.Ilgpu;
using KernelPolicy.Policy;

namespace KernelPolicy.DeviceTraining;

/// <summary>Makes the estimator that the options name.</summary>
/// <param name="options">Which method, and its parameters.</param>
/// <param name="parts">What it stands on.</param>
/// <param name="index">The index on the host that is asked for the top K; null where the device scans.</param>
/// <param name="team">Threads for the index.</param>
internal sealed class DeviceEstimatorFactory(EstimatorOptions options, EstimatorParts parts, IMipsIndex? index, WorkerTeam team)
    : IKernelFactory<IDeviceEstimator>
{
    /// <inheritdoc/>
    public IDeviceEstimator Create<TLanes, TTeam, TTable>(ComputeDevice device, TTable items)
        where TLanes : unmanaged, ILanes<TLanes>
        where TTeam : struct, ITeam
        where TTable : struct, ITable => options switch
    {
        ExactOptions when parts.Rewards.IsSparse => new ExactDeviceEstimator<TLanes, TTeam, TTable>(device, items, parts),
        ExactOptions => new DenseExactDeviceEstimator<TLanes, TTeam, TTable>(device, items, parts),
        ReinforceOptions reinforce => new ReinforceDeviceEstimator<TLanes, TTeam, TTable>(device, items, parts, reinforce),
        UniformOptions uniform => new UniformDeviceEstimator<TLanes, TTeam, TTable>(device, items, parts, uniform),
        MixtureOptions { IsAdaptive: true } => throw new ArgumentException(
            "An adaptive mixture chooses ε on the processor; a device takes an ε that is given, 0 to 1."),
        MixtureOptions mixture when index is not null =>
            new HostIndexMixtureEstimator<TLanes, TTeam, TTable>(device, items, parts, mixture, index, team),
        { RetrievedItems: > ItemScanFactory.MostK and var k } when index is null && parts.Catalogue > ItemScanFactory.MostK => throw new ArgumentException(
            $"K is {k}; a device scans for a top K of 1 to {ItemScanFactory.MostK}, an index on the host for more."),
        StrataOptions { RelativeError: { } error } => throw new ArgumentException(
            $"The relative error is {error.ToString(CultureInfo.InvariantCulture)}: devices draw a fixed tail; use --device simd for a budget."),
        StrataOptions { Reuse: not HeadReuse.None and var reuse } => throw new ArgumentException(
            $"Heads are reused ({reuse}) on the processor alone; use --device simd for it, or search at every visit."),
        StrataOptions strata => new StrataDeviceEstimator<TLanes, TTeam, TTable>(device, items, parts, strata, TopKOf(device, strata), team),
        MixtureOptions mixture => new MixtureDeviceEstimator<TLanes, TTeam, TTable>(device, items, parts, mixture),
        _ => throw new ArgumentException($"There is no estimator for {options.GetType().Name} on a device."),
    };

    private ITopKSource TopKOf(ComputeDevice device, StrataOptions strata)
    {
        int k = Math.Min(strata.TopK, parts.Catalogue);
        if (k == 0)
            return new NoRetrieval(device, parts.BatchSize);
        return index is null ? new DeviceScan(device, parts, k) : new HostSearch(device, parts, k, index, team);
    }
}
