namespace KernelPolicy.Policy;

/// <summary>The direct method: r̂(a, x) = r_M(a, x), the word of a model of the reward. Dense.</summary>
/// <remarks>As biased as the model. As safe for concurrent calls as the model is, and allocates nothing where it does
/// not.</remarks>
public sealed class ModelledReward : IRewardSource
{
    private readonly IRewardModel _model;

    /// <summary>Takes the model, which stays the caller's and may not change.</summary>
    public ModelledReward(IRewardModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        _model = model;
    }

    /// <inheritdoc/>
    public int Count => _model.Count;

    /// <inheritdoc/>
    public bool IsSparse => false;

    /// <summary>None: no item stands out.</summary>
    public ReadOnlySpan<int> RewardedItems(int context) => [];

    /// <inheritdoc/>
    public void Fill(int context, ReadOnlySpan<int> items, Span<float> rewards) => _model.Predict(context, items, rewards);
}
