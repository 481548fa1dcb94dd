using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>What a policy and a model say of the rows of a log, gathered batch by batch: O(N) memory.</summary>
internal sealed class LoggedProbabilities
{
    /// <summary>How far above 1 rounding may lift a probability.</summary>
    private const double Rounding = 1e-9;

    private LoggedProbabilities(int count, bool withModel)
    {
        Probabilities = new double[count];
        LogErrors = new double[count];
        ModelMeans = withModel ? new double[count] : null;
        ModelRewards = withModel ? new double[count] : null;
    }

    /// <summary>π(a_i|x_i) [N].</summary>
    public double[] Probabilities { get; }

    /// <summary>Standard error of ln π(a_i|x_i) [N].</summary>
    public double[] LogErrors { get; }

    /// <summary>E_π[r_M(·, x_i)] [N]; null without a model.</summary>
    public double[]? ModelMeans { get; }

    /// <summary>r_M(a_i, x_i) [N]; null without a model.</summary>
    public double[]? ModelRewards { get; }

    /// <summary>Asks the policy and the model.</summary>
    public static LoggedProbabilities Gather(
        LoggedFeedback log, IPolicyProbabilities policy, IRewardSource? model, WorkerTeam team, Action<int>? done,
        CancellationToken cancellation)
    {
        var gathered = new LoggedProbabilities(log.Count, model is not null);
        int size = Math.Min(policy.BatchSize, log.Count);
        var batch = new ProbabilityBatch(size);
        int[] rows = new int[size];
        for (int first = 0; first < log.Count; first += size)
        {
            cancellation.ThrowIfCancellationRequested();
            int n = Math.Min(size, log.Count - first);
            for (int i = 0; i < n; i++)
                rows[i] = first + i;
            policy.Fill(rows.AsSpan(0, n), log.Actions.Slice(first, n), model, batch, team);
            gathered.Take(log, model, batch, first, n);
            done?.Invoke(first + n);
        }

        return gathered;
    }

    private void Take(LoggedFeedback log, IRewardSource? model, ProbabilityBatch batch, int first, int count)
    {
        for (int i = 0; i < count; i++)
        {
            int row = first + i;
            double probability = Math.Exp(batch.LogProbabilities[i]);
            if (!(probability <= 1 + Rounding))
                throw new ArgumentException($"π of item {log.Actions[row]} in context {row} is {probability}; it must lie in [0, 1].");
            (Probabilities[row], LogErrors[row]) = (probability, batch.LogErrors[i]);
            if (model is null)
                continue;
            float reward = 0;
            model.Fill(row, log.Actions.Slice(row, 1), new Span<float>(ref reward));
            if (!double.IsFinite(batch.Means[i]) || !float.IsFinite(reward))
                throw new ArgumentException($"The model's mean in context {row} is {batch.Means[i]}, its reward of the logged item {reward}; they must be finite.");
            (ModelMeans![row], ModelRewards![row]) = (batch.Means[i], reward);
        }
    }
}
