using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>1 for the items that no row of a log acted on, else 0: its mean under π is the π-mass that the log has not
/// seen.</summary>
internal sealed class UnloggedItems : IRewardSource
{
    private readonly bool[] _logged;

    public UnloggedItems(LoggedFeedback log)
    {
        _logged = new bool[log.Catalogue];
        foreach (int action in log.Actions)
            _logged[action] = true;
        Count = log.Count;
    }

    public int Count { get; }

    public bool IsSparse => false;

    public ReadOnlySpan<int> RewardedItems(int context) => [];

    public void Fill(int context, ReadOnlySpan<int> items, Span<float> rewards)
    {
        for (int i = 0; i < items.Length; i++)
            rewards[i] = _logged[items[i]] ? 0 : 1;
    }

    /// <summary>The mass in evenly spread contexts of a log; of none where the policy gives no means.</summary>
    /// <param name="log">The log.</param>
    /// <param name="policy">π.</param>
    /// <param name="contexts">How many contexts, at most.</param>
    /// <param name="team">Threads to use.</param>
    /// <param name="cancellation">Stops between batches.</param>
    public static double[] Mass(
        LoggedFeedback log, IPolicyProbabilities policy, int contexts, WorkerTeam team, CancellationToken cancellation)
    {
        var mass = new double[policy.GivesMeans ? Math.Min(contexts, log.Count) : 0];
        var unlogged = new UnloggedItems(log);
        int size = Math.Max(1, Math.Min(policy.BatchSize, mass.Length));
        var batch = new ProbabilityBatch(size);
        int[] rows = new int[size], actions = new int[size];
        for (int first = 0; first < mass.Length; first += size)
        {
            cancellation.ThrowIfCancellationRequested();
            int n = Math.Min(size, mass.Length - first);
            for (int i = 0; i < n; i++)
            {
                rows[i] = (int)((long)(first + i) * log.Count / mass.Length);
                actions[i] = log.Actions[rows[i]];
            }

            policy.Fill(rows.AsSpan(0, n), actions.AsSpan(0, n), unlogged, batch, team);
            batch.Means.AsSpan(0, n).CopyTo(mass.AsSpan(first));
        }

        return mass;
    }
}
