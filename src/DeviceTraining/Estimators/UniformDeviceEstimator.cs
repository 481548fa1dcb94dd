using KernelPolicy.Kernels.Ilgpu;
using KernelPolicy.Policy;

namespace KernelPolicy.DeviceTraining;

/// <summary>The covariance gradient with the uniform proposal, on a device.</summary>
internal sealed class UniformDeviceEstimator<TLanes, TTeam, TTable>(ComputeDevice device, TTable items, EstimatorParts parts, UniformOptions options)
    : SampledDeviceEstimator<TLanes, TTeam, TTable, UniformDraws>(device, items, parts, options.Samples)
    where TLanes : unmanaged, ILanes<TLanes>
    where TTeam : struct, ITeam
    where TTable : struct, ITable
{
    private readonly UniformDraws _draws = new(parts.Catalogue);

    public override string Name => "uniform";

    public override string Description { get; } = $"uniform/S={options.Samples}";

    protected override UniformDraws Prepare(DeviceBatch batch) => _draws;
}
