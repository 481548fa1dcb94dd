using KernelPolicy.Kernels.Ilgpu;
using KernelPolicy.Policy;

namespace KernelPolicy.DeviceTraining;

/// <summary>What every estimator on a device stands on.</summary>
/// <param name="Items">β [P, L] on the device.</param>
/// <param name="Rewards">r̂ of the training contexts.</param>
/// <param name="BatchSize">B.</param>
internal sealed record EstimatorParts(DeviceItems Items, IRewardSource Rewards, int BatchSize)
{
    /// <summary>P.</summary>
    public int Catalogue => checked((int)Items.Rows);

    /// <summary>L.</summary>
    public int Dimension => Items.Columns;
}
