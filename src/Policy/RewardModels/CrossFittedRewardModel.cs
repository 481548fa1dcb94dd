namespace KernelPolicy.Policy;

/// <summary>
/// Models of the reward, each fitted without one part of the log and asked for that part alone: a row's reward does not enter
/// its own prediction, so that doubly robust estimates keep their guarantees with models that overfit (Chernozhukov et al.,
/// The Econometrics Journal 2018).
/// </summary>
/// <remarks>As safe for concurrent calls as its models.</remarks>
public sealed class CrossFittedRewardModel : IRewardModel
{
    private readonly IRewardModel[] _models;

    private CrossFittedRewardModel(IRewardModel[] models)
    {
        _models = models;
    }

    /// <inheritdoc/>
    public int Count => _models[0].Count;

    /// <summary>Fits a model without each part.</summary>
    /// <param name="folds">Number of parts, at least 2.</param>
    /// <param name="fit">Makes the model of all contexts that is fitted without the rows of a part, as
    /// <see cref="RewardModelOptions.LeaveOut"/> says.</param>
    /// <exception cref="ArgumentException">There are fewer than 2 parts, or the models differ in their contexts.</exception>
    public static CrossFittedRewardModel Fit(int folds, Func<RowFold, IRewardModel> fit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(folds, 2);
        ArgumentNullException.ThrowIfNull(fit);
        IRewardModel[] models = [.. Enumerable.Range(0, folds).Select(index => fit(new RowFold(index, folds)))];
        if (models.Any(model => model.Count != models[0].Count))
            throw new ArgumentException($"The models have {string.Join(", ", models.Select(m => m.Count))} contexts: they must agree.", nameof(fit));
        return new CrossFittedRewardModel(models);
    }

    /// <inheritdoc/>
    public void Predict(int context, ReadOnlySpan<int> items, Span<float> rewards) =>
        _models[context % _models.Length].Predict(context, items, rewards);
}
