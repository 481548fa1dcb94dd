using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>Contexts and rewards over a catalogue: what a policy is trained or evaluated on.</summary>
public sealed record TrainingProblem
{
    /// <summary>Puts the parts together; they stay the caller's.</summary>
    /// <param name="items">β [P, L].</param>
    /// <param name="contexts">N contexts of dimension L.</param>
    /// <param name="rewards">r̂ of the same N contexts.</param>
    /// <exception cref="ArgumentException">The parts do not fit each other.</exception>
    public TrainingProblem(Matrix items, IContextSource contexts, IRewardSource rewards)
    {
        ArgumentNullException.ThrowIfNull(items);
        ArgumentNullException.ThrowIfNull(contexts);
        ArgumentNullException.ThrowIfNull(rewards);
        if (contexts.Dimension != items.Columns)
            throw new ArgumentException($"Contexts have {contexts.Dimension} dimensions, items {items.Columns}.", nameof(contexts));
        if (contexts.Count != rewards.Count)
            throw new ArgumentException($"There are {contexts.Count} contexts but rewards of {rewards.Count}.", nameof(rewards));
        (Items, Contexts, Rewards) = (items, contexts, rewards);
        Shares = ContextShares.Whole(contexts.Count);
    }

    /// <summary>β [P, L].</summary>
    public Matrix Items { get; }

    /// <summary>The contexts x.</summary>
    public IContextSource Contexts { get; }

    /// <summary>The rewards r̂(a, x).</summary>
    public IRewardSource Rewards { get; }

    /// <summary>Which contexts of a larger data set these are; all of it unless set.</summary>
    /// <exception cref="ArgumentException">Another number of contexts is held.</exception>
    public ContextShares Shares
    {
        get;
        init
        {
            ArgumentNullException.ThrowIfNull(value);
            field = value.Count == Contexts.Count
                ? value
                : throw new ArgumentException($"There are {Contexts.Count} contexts, but the shares hold {value.Count}.", nameof(value));
        }
    }

    /// <summary>Session completion: contexts are means of β over the histories, rewards 1 on the hidden items.</summary>
    /// <param name="items">β [P, L].</param>
    /// <param name="histories">X of each session.</param>
    /// <param name="rewarded">Y of each session, rising.</param>
    /// <exception cref="ArgumentException">The parts do not fit each other, or name items that there are not.</exception>
    public static TrainingProblem SessionCompletion(Matrix items, SparseRows histories, SparseRows rewarded)
    {
        ArgumentNullException.ThrowIfNull(items);
        ArgumentNullException.ThrowIfNull(rewarded);
        foreach (int item in rewarded.Items)
        {
            if ((uint)item >= items.Rows)
                throw new ArgumentException($"Item {item} is rewarded; items are 0 to {items.Rows - 1}.", nameof(rewarded));
        }

        return new TrainingProblem(items, new HistoryContexts(histories, items), new SessionReward(rewarded));
    }
}
