using System.Globalization;

namespace KernelPolicy.Policy;

/// <summary>
/// A correction of β that is folded into the query, h = xΘ(I + UV) + b, so that β, its index and serving stay as they are.
/// </summary>
/// <remarks>
/// <para>h·β_a = (xΘ)·β'_a + b·β_a with β'_a = β_a (I + UV)ᵀ: a linear change of all items, of rank r, and a direction b that every
/// context shares, as popularity is one.</para>
/// <para>UV adds nothing to what policies there are: Θ' = Θ(I + UV) is some [L, L], and so is every Θ. It changes the path of the
/// optimiser alone. b does add: no Θ gives a score to a context of zeros.</para>
/// </remarks>
/// <param name="Rank">r, columns of U [L, r] and rows of V [r, L]; 0 to L, 0 for b alone.</param>
/// <param name="Bias">Whether there is b [L].</param>
/// <param name="LearningRateRatio">The learning rate of U, V and b, as a multiple of that of Θ.</param>
public sealed record CorrectedItems(int Rank = 0, bool Bias = true, double LearningRateRatio = 1) : ItemLearning
{
    /// <inheritdoc/>
    public override string Description =>
        string.Create(CultureInfo.InvariantCulture, $"/items=corrected:r={Rank}{(Bias ? "+b" : "")}:rate={LearningRateRatio}");

    /// <inheritdoc/>
    public override void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegative(Rank);
        if (Rank == 0 && !Bias)
            throw new ArgumentOutOfRangeException(nameof(Rank), Rank, "A correction without a bias must have a rank of at least 1.");
        CheckRatio(LearningRateRatio, nameof(LearningRateRatio));
    }
}
