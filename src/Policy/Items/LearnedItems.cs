using System.Globalization;

namespace KernelPolicy.Policy;

/// <summary>
/// The rows of β that a step touches ascend as well: ∂J/∂β_a = (1/B) Σ_i c_ia h_i, c_ia being the coefficients of the estimator.
/// </summary>
/// <remarks>
/// <para>β is changed in place. An index over it must search what it is at present: an exact scan does, a
/// <see cref="KernelPolicy.Index.RebuildingIndex"/> does.</para>
/// <para>Optimised by <see cref="KernelPolicy.Kernels.LazyAdam"/>, without a penalty on its size.</para>
/// </remarks>
/// <param name="LearningRateRatio">The learning rate of β, as a multiple of that of Θ.</param>
/// <param name="ThroughContexts">Whether the gradient also flows into β through contexts that are means of β over a history:
/// (1/|X|) g Θᵀ for each item of X. Needs <see cref="HistoryContexts"/> over the same β. Where it does not, contexts still follow
/// β as it moves.</param>
public sealed record LearnedItems(double LearningRateRatio = 1, bool ThroughContexts = false) : ItemLearning
{
    /// <inheritdoc/>
    public override string Description =>
        string.Create(CultureInfo.InvariantCulture, $"/items=learned{(ThroughContexts ? "+contexts" : "")}:rate={LearningRateRatio}");

    /// <inheritdoc/>
    public override void Validate() => CheckRatio(LearningRateRatio, nameof(LearningRateRatio));
}
