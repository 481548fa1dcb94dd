namespace KernelPolicy.Policy;

/// <summary>What <see cref="IPolicyProbabilities"/> answers for a batch of contexts.</summary>
public sealed class ProbabilityBatch
{
    /// <summary>Makes room for a batch.</summary>
    /// <param name="capacity">Contexts, at least 1.</param>
    public ProbabilityBatch(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        LogProbabilities = new double[capacity];
        LogErrors = new double[capacity];
        Means = new double[capacity];
        MeanErrors = new double[capacity];
    }

    /// <summary>ln π(a|x) [n]; −∞ where π(a|x) = 0.</summary>
    public double[] LogProbabilities { get; }

    /// <summary>Standard error of ln π(a|x) [n], that of Ẑ over Ẑ; 0 where it is exact.</summary>
    public double[] LogErrors { get; }

    /// <summary>E_π[r_M(·, x)] [n]; 0 where no model was given.</summary>
    public double[] Means { get; }

    /// <summary>Standard error of the mean [n]; 0 where it is exact.</summary>
    public double[] MeanErrors { get; }

    /// <summary>Fails where a call does not fit what answers it.</summary>
    internal void Check(IPolicyProbabilities policy, ReadOnlySpan<int> contexts, ReadOnlySpan<int> actions, IRewardSource? model)
    {
        if (contexts.Length != actions.Length)
            throw new ArgumentException($"There are {contexts.Length} contexts but {actions.Length} actions.", nameof(actions));
        int most = Math.Min(policy.BatchSize, LogProbabilities.Length);
        if (contexts.Length > most)
            throw new ArgumentException($"There are {contexts.Length} contexts; a batch holds 0 to {most}.", nameof(contexts));
        if (model is not null && model.Count != policy.Count)
            throw new ArgumentException($"The model has {model.Count} contexts, the policy {policy.Count}.", nameof(model));
        if (model is not null && !policy.GivesMeans)
            throw new ArgumentException($"{policy.Description} gives no means of a reward model.", nameof(model));
        for (int i = 0; i < contexts.Length; i++)
        {
            if ((uint)contexts[i] >= (uint)policy.Count)
                throw new ArgumentException($"Context {contexts[i]} is not in 0 to {policy.Count - 1}.", nameof(contexts));
            if ((uint)actions[i] >= (uint)policy.Catalogue)
                throw new ArgumentException($"Item {actions[i]} is not in 0 to {policy.Catalogue - 1}.", nameof(actions));
        }
    }

    /// <summary>Writes one exact answer.</summary>
    internal void SetExact(int position, double logProbability, double mean) =>
        Set(position, logProbability, 0, mean, 0);

    /// <summary>Writes one answer.</summary>
    internal void Set(int position, double logProbability, double logError, double mean, double meanError)
    {
        LogProbabilities[position] = logProbability;
        LogErrors[position] = logError;
        Means[position] = mean;
        MeanErrors[position] = meanError;
    }
}
