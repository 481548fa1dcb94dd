namespace KernelPolicy.Policy;

/// <summary>
/// The reward of a log of decisions: r − b, weighed by the propensity, on the logged action of each context, and 0 on all
/// other items. Sparse.
/// </summary>
/// <remarks>
/// Σ_a π(a|x_i) r̂(a, x_i), mean over i, is the IPS estimate of the policy's value under the weighting, b apart. Immutable;
/// safe for concurrent calls; allocates nothing when asked.
/// </remarks>
public sealed class LoggedReward : IRewardSource
{
    private readonly LoggedFeedback _log;
    private readonly float[] _rewards;

    /// <summary>Weighs the rewards of a log.</summary>
    /// <param name="log">N decisions.</param>
    /// <param name="weighting">How r is weighed by p.</param>
    /// <param name="translation">b, finite, subtracted from r before it is weighed: BanditNet's, see
    /// <see cref="PropensityWeighting.SelfNormalised"/>.</param>
    /// <exception cref="ArgumentException">A weighed reward is not finite in single precision, or logarithmic smoothing meets
    /// a reward below b: the message names row and value.</exception>
    public LoggedReward(LoggedFeedback log, PropensityWeighting weighting, double translation = 0)
    {
        ArgumentNullException.ThrowIfNull(log);
        ArgumentNullException.ThrowIfNull(weighting);
        if (!double.IsFinite(translation))
            throw new ArgumentOutOfRangeException(nameof(translation), translation, "The translation must be finite.");
        _log = log;
        _rewards = new float[log.Count];
        double meanInverse = MeanInverse(log);
        for (int row = 0; row < _rewards.Length; row++)
        {
            double reward = log.Rewards[row] - translation;
            if (!weighting.IsLinear && reward < 0)
            {
                throw new ArgumentException(
                    $"The reward of row {row} is {log.Rewards[row]}; logarithmic smoothing needs at least the translation, {translation}.", nameof(log));
            }

            _rewards[row] = (float)weighting.Weigh(reward, log.Propensities[row], meanInverse);
            if (!float.IsFinite(_rewards[row]))
            {
                throw new ArgumentException(
                    $"Row {row}, reward {log.Rewards[row]} and propensity {log.Propensities[row]}, has a weighed reward that is not " +
                    $"finite in single precision ({weighting}): a clipped weighting bounds it.",
                    nameof(log));
            }
        }

        (Weighting, Translation) = (weighting, translation);
    }

    /// <summary>How r is weighed by p.</summary>
    public PropensityWeighting Weighting { get; }

    /// <summary>b.</summary>
    public double Translation { get; }

    /// <summary>P.</summary>
    public int Catalogue => _log.Catalogue;

    /// <inheritdoc/>
    public int Count => _rewards.Length;

    /// <inheritdoc/>
    public bool IsSparse => true;

    /// <summary>The logged action.</summary>
    public ReadOnlySpan<int> RewardedItems(int context) => _log.Actions.Slice(context, 1);

    /// <inheritdoc/>
    public void Fill(int context, ReadOnlySpan<int> items, Span<float> rewards)
    {
        int action = _log.Actions[context];
        float reward = _rewards[context];
        for (int i = 0; i < items.Length; i++)
            rewards[i] = items[i] == action ? reward : 0;
    }

    /// <summary>Mean of 1/p over a log.</summary>
    internal static double MeanInverse(LoggedFeedback log)
    {
        double sum = 0;
        foreach (double propensity in log.Propensities)
            sum += 1 / propensity;
        return sum / log.Count;
    }
}
