using KernelPolicy.Index;
using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>
/// The reward of recommending by a policy: R = mean over contexts of r̂(argmax_a f_a, x), and what the top N look like.
/// </summary>
/// <remarks>Allocates its buffers at construction. Not thread-safe.</remarks>
public sealed class PolicyEvaluator : IDisposable
{
    private readonly TrainingProblem _problem;
    private readonly RecommendationPass _pass;
    private readonly int[] _cutoffs;
    private readonly float[] _rewards;

    /// <summary>Makes an evaluator of policies on a problem.</summary>
    /// <param name="problem">Contexts and rewards, at least one context.</param>
    /// <param name="team">Threads to use.</param>
    /// <param name="cutoffs">The N of the top-N figures, rising from at least 1; 1, 5, 10 and 20 where null. Those above P
    /// are dropped.</param>
    public PolicyEvaluator(TrainingProblem problem, WorkerTeam team, IReadOnlyList<int>? cutoffs = null)
    {
        ArgumentNullException.ThrowIfNull(problem);
        ArgumentNullException.ThrowIfNull(team);
        cutoffs ??= [1, 5, 10, 20];
        if (cutoffs.Count == 0 || cutoffs[0] < 1 || cutoffs.Zip(cutoffs.Skip(1)).Any(pair => pair.First >= pair.Second))
            throw new ArgumentException($"The cut-offs must rise from at least 1, not {string.Join(", ", cutoffs)}.", nameof(cutoffs));
        _cutoffs = cutoffs.Where((n, i) => i == 0 || n <= problem.Items.Rows).ToArray();
        _problem = problem;
        _pass = new RecommendationPass(problem, _cutoffs[^1], team);
        _rewards = new float[_pass.TopN];
    }

    /// <summary>R alone: the mean reward of the first recommendation.</summary>
    /// <param name="query">Θ [L, L] and, where there is one, b.</param>
    /// <param name="index">The index that recommends.</param>
    /// <param name="cancellation">Stops between batches.</param>
    public double Reward(QueryMap query, IMipsIndex index, CancellationToken cancellation = default) =>
        Evaluate(query, index, popularity: null, cancellation).Reward;

    /// <summary>R and the top-N figures.</summary>
    /// <param name="query">Θ [L, L] and, where there is one, b.</param>
    /// <param name="index">The index that recommends.</param>
    /// <param name="popularity">How often each item occurs in the training data [P]; null where unknown.</param>
    /// <param name="cancellation">Stops between batches.</param>
    public PolicyEvaluation Evaluate(
        QueryMap query, IMipsIndex index, IReadOnlyList<int>? popularity, CancellationToken cancellation = default)
    {
        query.Validate();
        ArgumentNullException.ThrowIfNull(index);
        double[] rewardSums = new double[_cutoffs.Length], hits = new double[_cutoffs.Length], popular = new double[_cutoffs.Length];
        bool[] seen = new bool[_problem.Items.Rows];
        int[] distinct = new int[_cutoffs.Length];
        // Coverage at a larger N contains that at a smaller: note the smallest cut-off at which an item was seen.
        byte[] firstCutoff = new byte[seen.Length];
        for (int batch = 0; batch < _pass.Batches; batch++)
        {
            cancellation.ThrowIfCancellationRequested();
            ReadOnlySpan<int> contexts = _pass.Run(batch, query, index);
            for (int i = 0; i < contexts.Length; i++)
            {
                ReadOnlySpan<int> items = _pass.Found.Items(i);
                Span<float> rewards = _rewards.AsSpan(0, items.Length);
                _problem.Rewards.Fill(contexts[i], items, rewards);
                double sum = 0, popularSum = 0;
                bool hit = false;
                int at = 0;
                for (int cutoff = 0; cutoff < _cutoffs.Length; cutoff++)
                {
                    for (; at < Math.Min(items.Length, _cutoffs[cutoff]); at++)
                    {
                        int item = items[at];
                        sum += rewards[at];
                        hit |= rewards[at] > 0;
                        popularSum += popularity is null ? 0 : popularity[item];
                        firstCutoff[item] = seen[item] ? Math.Min(firstCutoff[item], (byte)cutoff) : (byte)cutoff;
                        seen[item] = true;
                    }

                    rewardSums[cutoff] += sum;
                    hits[cutoff] += hit ? 1 : 0;
                    popular[cutoff] += popularSum / _cutoffs[cutoff];
                }
            }
        }

        for (int item = 0; item < seen.Length; item++)
        {
            for (int cutoff = seen[item] ? firstCutoff[item] : _cutoffs.Length; cutoff < _cutoffs.Length; cutoff++)
                distinct[cutoff]++;
        }

        double n = _problem.Contexts.Count;
        return new PolicyEvaluation(
            rewardSums[0] / n,
            _problem.Contexts.Count,
            _cutoffs.Select((cutoff, i) => new TopNFigures(
                cutoff, rewardSums[i] / n, hits[i] / n, (double)distinct[i] / seen.Length,
                popularity is null ? double.NaN : popular[i] / n)).ToArray());
    }

    /// <inheritdoc/>
    public void Dispose() => _pass.Dispose();
}
