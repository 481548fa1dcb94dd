using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>
/// Exact probabilities of the softmax policy π(a|x) ∝ exp(h·β_a), h = xΘ + b: ln π = f_a − ln Z by a pass over the whole catalogue,
/// O(P·L) a context; E_π[r_M] from the same pass.
/// </summary>
/// <remarks>Streams over batches: no [N, P] nor [B, P] array. Not thread-safe; allocates nothing once warm. Does not own Θ, b,
/// β or the contexts.</remarks>
public sealed unsafe class ExactProbabilities : IPolicyProbabilities, IParallelWork, IBlockReward
{
    private readonly SoftmaxQueries _queries;
    private readonly SoftmaxPass _pass;
    private readonly ProbabilityCall _call;
    private float[][] _scores = [];
    private float[][] _rewards = [];

    /// <summary>Takes the policy.</summary>
    /// <param name="query">Θ [L, L], with b [1, L] where the policy has one.</param>
    /// <param name="items">β [P, L], at least one item.</param>
    /// <param name="contexts">x [N, L].</param>
    /// <param name="batchSize">Contexts that share a pass over β, at least 1.</param>
    /// <exception cref="ArgumentException">A shape does not fit.</exception>
    public ExactProbabilities(QueryMap query, Matrix items, IContextSource contexts, int batchSize = 256)
    {
        _queries = new SoftmaxQueries(query, items, contexts, batchSize);
        _pass = new SoftmaxPass(batchSize, items.Columns);
        _call = new ProbabilityCall(batchSize);
    }

    /// <inheritdoc/>
    public string Description => "exact";

    /// <inheritdoc/>
    public int Count => _queries.Count;

    /// <inheritdoc/>
    public int Catalogue => (int)_queries.Items.Rows;

    /// <inheritdoc/>
    public int BatchSize => _queries.BatchSize;

    /// <inheritdoc/>
    public bool GivesMeans => true;

    /// <inheritdoc/>
    public void Fill(
        ReadOnlySpan<int> contexts, ReadOnlySpan<int> actions, IRewardSource? model, ProbabilityBatch destination, WorkerTeam team)
    {
        _call.Begin(this, contexts, actions, model, destination, team);
        if (_scores.Length < team.Threads)
        {
            _scores = [.. Enumerable.Range(0, team.Threads).Select(_ => new float[1])];
            _rewards = [.. Enumerable.Range(0, team.Threads).Select(_ => new float[1])];
        }

        _queries.Fill(contexts, team);
        _pass.Run(_queries.Items, _queries.Rows, contexts.Length, model is { IsSparse: false } ? this : null, team);
        team.Run(this, contexts.Length);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _queries.Dispose();
        _pass.Dispose();
    }

    void IParallelWork.Execute(int index, int worker)
    {
        float* h = _queries.Rows.RowPointer(index);
        float score = 0;
        RowScores.Gather(h, _queries.Items, _call.Actions.Slice(index, 1), new Span<float>(ref score));
        double mean = _call.Model switch
        {
            null => 0,
            { IsSparse: true } sparse => SparseMean(sparse, index, h, worker),
            _ => _pass.MeanReward[index],
        };
        // The scan and the single score add in different orders: a probability of 1 may come out a rounding above it.
        _call.Destination.SetExact(index, Math.Min(0, score - _pass.LogZ[index]), mean);
    }

    void IBlockReward.Fill(int query, int firstItem, Span<float> rewards)
    {
        Span<int> items = stackalloc int[rewards.Length];
        for (int i = 0; i < items.Length; i++)
            items[i] = firstItem + i;
        _call.Model!.Fill(_call.Contexts[query], items, rewards);
    }

    private double SparseMean(IRewardSource model, int index, float* h, int worker)
    {
        ReadOnlySpan<int> rewarded = model.RewardedItems(_call.Contexts[index]);
        if (_scores[worker].Length < rewarded.Length)
        {
            Array.Resize(ref _scores[worker], rewarded.Length);
            Array.Resize(ref _rewards[worker], rewarded.Length);
        }

        Span<float> scores = _scores[worker].AsSpan(0, rewarded.Length), rewards = _rewards[worker].AsSpan(0, rewarded.Length);
        RowScores.Gather(h, _queries.Items, rewarded, scores);
        model.Fill(_call.Contexts[index], rewarded, rewards);
        double mean = 0;
        for (int i = 0; i < scores.Length; i++)
            mean += Math.Exp(scores[i] - _pass.LogZ[index]) * rewards[i];
        return mean;
    }
}
