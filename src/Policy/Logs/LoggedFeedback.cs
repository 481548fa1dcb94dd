namespace KernelPolicy.Policy;

/// <summary>
/// N logged decisions: in context i, action a_i was taken with propensity p_i = π₀(a_i|x_i) and earned reward r_i. Context i
/// of the log is context i of an <see cref="IContextSource"/>.
/// </summary>
/// <remarks>Immutable; safe for concurrent use.</remarks>
public sealed class LoggedFeedback
{
    private readonly int[] _actions;
    private readonly double[] _propensities;
    private readonly double[] _rewards;

    /// <summary>Copies and checks a log.</summary>
    /// <param name="actions">a [N], each in 0 to P − 1.</param>
    /// <param name="propensities">p [N], each in (0, 1].</param>
    /// <param name="rewards">r [N], finite.</param>
    /// <param name="catalogue">P, at least 1.</param>
    /// <param name="origin">Where the propensities come from.</param>
    /// <exception cref="ArgumentException">The lengths differ, or a value is out of range: the message names row, value and
    /// range.</exception>
    public LoggedFeedback(
        ReadOnlySpan<int> actions, ReadOnlySpan<double> propensities, ReadOnlySpan<double> rewards, int catalogue,
        PropensityOrigin origin = PropensityOrigin.Logged)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(catalogue, 1);
        if (propensities.Length != actions.Length)
            throw new ArgumentException($"There are {actions.Length} actions but {propensities.Length} propensities.", nameof(propensities));
        if (rewards.Length != actions.Length)
            throw new ArgumentException($"There are {actions.Length} actions but {rewards.Length} rewards.", nameof(rewards));
        for (int row = 0; row < actions.Length; row++)
        {
            if ((uint)actions[row] >= (uint)catalogue)
                throw new ArgumentException($"The action of row {row} is {actions[row]}; items are 0 to {catalogue - 1}.", nameof(actions));
            if (!(propensities[row] is > 0 and <= 1))
                throw new ArgumentException($"The propensity of row {row} is {propensities[row]}; it must lie in (0, 1].", nameof(propensities));
            if (!double.IsFinite(rewards[row]))
                throw new ArgumentException($"The reward of row {row} is {rewards[row]}; it must be finite.", nameof(rewards));
        }

        (_actions, _propensities, _rewards) = (actions.ToArray(), propensities.ToArray(), rewards.ToArray());
        (Catalogue, Origin) = (catalogue, origin);
    }

    /// <summary>N.</summary>
    public int Count => _actions.Length;

    /// <summary>P.</summary>
    public int Catalogue { get; }

    /// <summary>Where the propensities come from.</summary>
    public PropensityOrigin Origin { get; }

    /// <summary>a [N].</summary>
    public ReadOnlySpan<int> Actions => _actions;

    /// <summary>p [N].</summary>
    public ReadOnlySpan<double> Propensities => _propensities;

    /// <summary>r [N].</summary>
    public ReadOnlySpan<double> Rewards => _rewards;
}
