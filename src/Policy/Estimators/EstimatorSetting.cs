using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>What every estimator stands on.</summary>
/// <param name="Items">β [P, L]; P at most 2^31 − 1.</param>
/// <param name="Rewards">r̂ of the training contexts.</param>
/// <param name="BatchSize">The largest batch, B.</param>
/// <param name="Seed">Seed of the draws.</param>
/// <param name="Team">Threads to use.</param>
public sealed record EstimatorSetting(Matrix Items, IRewardSource Rewards, int BatchSize, ulong Seed, WorkerTeam Team)
{
    /// <summary>P.</summary>
    public int Catalogue => checked((int)Items.Rows);

    /// <summary>Throws where a part is missing or out of range.</summary>
    /// <exception cref="ArgumentException">A part is missing or out of range.</exception>
    public void Validate()
    {
        ArgumentNullException.ThrowIfNull(Items);
        ArgumentNullException.ThrowIfNull(Rewards);
        ArgumentNullException.ThrowIfNull(Team);
        ArgumentOutOfRangeException.ThrowIfLessThan(BatchSize, 1);
        if (Items.Rows is < 1 or > int.MaxValue)
            throw new ArgumentOutOfRangeException(nameof(Items), Items.Rows, $"The catalogue must have 1 to {int.MaxValue} items.");
    }
}
