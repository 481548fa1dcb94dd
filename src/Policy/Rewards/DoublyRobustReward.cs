namespace KernelPolicy.Policy;

/// <summary>
/// Doubly robust (Dudík, Langford and Li, ICML 2011): r̂(a, x) = r_M(a, x) + 1[a = a_i] ω(p) (r − r_M(a_i, x)), r_M a model of
/// the reward and ω the factor of the weighting: 1/p, or 1/max(τ, p) for clipped DR. Dense.
/// </summary>
/// <remarks>
/// The estimate of a policy's value is unbiased where either the propensities are true and ω is 1/p, or the model is. The
/// model is asked at each call, for its own context only. Safe for concurrent calls; allocates nothing where the model does
/// not.
/// </remarks>
public sealed class DoublyRobustReward : IRewardSource
{
    private readonly LoggedFeedback _log;
    private readonly IRewardModel _model;
    private readonly float[] _corrections;

    /// <summary>Corrects a model by a log.</summary>
    /// <param name="log">N decisions.</param>
    /// <param name="model">r_M of the same N contexts; it stays the caller's and may not change.</param>
    /// <param name="weighting">ω: one that multiplies by a factor of p alone.</param>
    /// <exception cref="ArgumentException">Counts differ, the weighting is not of that kind, or a corrected reward is not
    /// finite in single precision: the message names row and value.</exception>
    public DoublyRobustReward(LoggedFeedback log, IRewardModel model, PropensityWeighting weighting)
    {
        ArgumentNullException.ThrowIfNull(log);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(weighting);
        if (model.Count != log.Count)
            throw new ArgumentException($"The log has {log.Count} rows, but the model {model.Count} contexts.", nameof(model));
        if (!weighting.IsLinear || weighting.Kind == WeightingKind.SelfNormalised)
        {
            throw new ArgumentException(
                $"Doubly robust rewards take a factor of the propensity: IPS, clipped, implicit exploration or exponential smoothing, not {weighting}.",
                nameof(weighting));
        }

        (_log, _model, Weighting) = (log, model, weighting);
        _corrections = new float[log.Count];
        Span<float> predicted = stackalloc float[1];
        for (int row = 0; row < _corrections.Length; row++)
        {
            model.Predict(row, log.Actions.Slice(row, 1), predicted);
            _corrections[row] = (float)weighting.Weigh(log.Rewards[row] - predicted[0], log.Propensities[row], meanInverse: 1);
            if (!float.IsFinite(_corrections[row]))
            {
                throw new ArgumentException(
                    $"Row {row}, reward {log.Rewards[row]}, prediction {predicted[0]} and propensity {log.Propensities[row]}, has a " +
                    $"correction that is not finite in single precision ({weighting}): a clipped weighting bounds it.",
                    nameof(log));
            }
        }
    }

    /// <summary>How the residual is weighed by p.</summary>
    public PropensityWeighting Weighting { get; }

    /// <summary>P.</summary>
    public int Catalogue => _log.Catalogue;

    /// <inheritdoc/>
    public int Count => _corrections.Length;

    /// <inheritdoc/>
    public bool IsSparse => false;

    /// <summary>The logged action, whose reward stands out of the model's.</summary>
    public ReadOnlySpan<int> RewardedItems(int context) => _log.Actions.Slice(context, 1);

    /// <inheritdoc/>
    public void Fill(int context, ReadOnlySpan<int> items, Span<float> rewards)
    {
        _model.Predict(context, items, rewards);
        int action = _log.Actions[context];
        for (int i = 0; i < items.Length; i++)
        {
            if (items[i] == action)
                rewards[i] += _corrections[context];
        }
    }
}
