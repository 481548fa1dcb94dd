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
    /// <summary>What is made large; the expected reward unless another is set.</summary>
    public TrainingObjective Objective { get; init; } = TrainingObjective.ExpectedReward;

    /// <summary>Receives the coefficients by which g was made, where items learn; null where nobody wants them.</summary>
    public CoefficientTable? Coefficients { get; init; }

    /// <summary>Receives of each context what strata over a part of the catalogue add to those over the whole [B, 2 L + 2]: ln Ẑ, r̄,
    /// E_π[β] [L] and E_π[r β] [L], all of <see cref="Items"/> alone; null where nobody joins parts.</summary>
    public Matrix? Parts { get; init; }

    /// <summary>P.</summary>
    public int Catalogue => checked((int)Items.Rows);

    /// <summary>Throws where a part is missing or out of range.</summary>
    /// <exception cref="ArgumentException">A part is missing or out of range.</exception>
    public void Validate()
    {
        ArgumentNullException.ThrowIfNull(Items);
        ArgumentNullException.ThrowIfNull(Rewards);
        ArgumentNullException.ThrowIfNull(Team);
        ArgumentNullException.ThrowIfNull(Objective);
        Objective.Validate();
        if (Objective.Kind == ObjectiveKind.LogLikelihood && !Rewards.IsSparse)
        {
            throw new ArgumentException(
                "The log-likelihood sums over rewarded items; it needs a sparse reward, not one that may be non-zero anywhere.", nameof(Rewards));
        }

        if (Objective is { NeedsReference: true, Reference.Theta: { } reference } && reference.Columns != Items.Columns)
        {
            throw new ArgumentException(
                $"Θ of the reference is [{reference.Rows}, {reference.Columns}]; items have {Items.Columns} dimensions.", nameof(Objective));
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(BatchSize, 1);
        if (Coefficients is not null && Coefficients.BatchSize < BatchSize)
        {
            throw new ArgumentException(
                $"The table of coefficients has room for {Coefficients.BatchSize} contexts, batches have up to {BatchSize}.", nameof(Coefficients));
        }

        if (Items.Rows is < 1 or > int.MaxValue)
            throw new ArgumentOutOfRangeException(nameof(Items), Items.Rows, $"The catalogue must have 1 to {int.MaxValue} items.");
        CheckRewardedItems();
    }

    // Their rows are read through a pointer.
    private void CheckRewardedItems()
    {
        for (int context = 0; context < Rewards.Count; context++)
        {
            foreach (int item in Rewards.RewardedItems(context))
            {
                if ((uint)item >= Items.Rows)
                    throw new ArgumentException($"Item {item} is rewarded in context {context}; items are 0 to {Items.Rows - 1}.", nameof(Rewards));
            }
        }
    }
}
