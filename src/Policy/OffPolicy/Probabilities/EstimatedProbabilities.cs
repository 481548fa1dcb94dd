using System.Globalization;
using KernelPolicy.Index;
using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>
/// Probabilities of the softmax policy from an estimated normaliser, at a cost that does not grow with P: the head H = top K
/// by an index, the logged action and the items that the model singles out, summed exactly; a uniform tail of l draws from
/// the others, each weighted (P − |H|)/l.
/// </summary>
/// <remarks>
/// <para>Ẑ = Σ_H e^{f−m} + ((P−|H|)/l) Σ_T e^{f−m} is unbiased for any H (algorithm.md, strata; Mussmann, Levy, Ermon, UAI
/// 2017), so that a weak index costs variance, not bias. Its standard error is ((P−|H|)/√l)·s, s the standard deviation of
/// e^{f−m} in the tail. ln π inherits s.e.(Ẑ)/Ẑ = e. 1/Ẑ is not unbiased: E[1/Ẑ] ≈ (1 + e²)/Z.</para>
/// <para>E_π[r_M] = (Σ_H e^{f−m} r + ((P−|H|)/l) Σ_T e^{f−m} r)/Ẑ = R, a ratio, with standard error
/// ((P−|H|)/√l)·sd_T(e^{f−m}(r − R))/Ẑ by the delta method.</para>
/// <para>Where the tail would not be smaller than what is left of the catalogue, everything is summed: the answer is exact.
/// Draws depend on seed and context alone. Not thread-safe; allocates nothing once warm. Does not own Θ, b, β, contexts or
/// index.</para>
/// </remarks>
public sealed unsafe class EstimatedProbabilities : IPolicyProbabilities, IParallelWork
{
    private readonly SoftmaxQueries _queries;
    private readonly IMipsIndex _index;
    private readonly EstimatedProbabilityOptions _options;
    private readonly TopK _head;
    private readonly ProbabilityCall _call;
    private HeadTailSum[] _sums = [];

    /// <summary>Takes the policy.</summary>
    /// <param name="query">Θ [L, L], with b [1, L] where the policy has one.</param>
    /// <param name="index">The index over β [P, L].</param>
    /// <param name="contexts">x [N, L].</param>
    /// <param name="options">Head, tail and seed; the defaults where null.</param>
    /// <exception cref="ArgumentException">A shape does not fit, or an option is out of its range.</exception>
    public EstimatedProbabilities(
        QueryMap query, IMipsIndex index, IContextSource contexts, EstimatedProbabilityOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(index);
        _options = options ?? new EstimatedProbabilityOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(_options.TopK, 1, nameof(options.TopK));
        ArgumentOutOfRangeException.ThrowIfLessThan(_options.TailDraws, 2, nameof(options.TailDraws));
        _index = index;
        _queries = new SoftmaxQueries(query, index.Items, contexts, _options.BatchSize);
        _head = new TopK(_options.BatchSize, Math.Min(_options.TopK, Catalogue));
        _call = new ProbabilityCall(_options.BatchSize);
    }

    /// <inheritdoc/>
    public string Description => string.Create(
        CultureInfo.InvariantCulture,
        $"estimated/K={_options.TopK}/l={_options.TailDraws}/seed={_options.Seed}/{_index.Description}");

    /// <inheritdoc/>
    public int Count => _queries.Count;

    /// <inheritdoc/>
    public int Catalogue => (int)_queries.Items.Rows;

    /// <inheritdoc/>
    public int BatchSize => _options.BatchSize;

    /// <inheritdoc/>
    public bool GivesMeans => true;

    /// <inheritdoc/>
    public void Fill(
        ReadOnlySpan<int> contexts, ReadOnlySpan<int> actions, IRewardSource? model, ProbabilityBatch destination, WorkerTeam team)
    {
        _call.Begin(this, contexts, actions, model, destination, team);
        if (contexts.IsEmpty)
            return;
        if (_sums.Length < team.Threads)
            _sums = [.. Enumerable.Range(0, team.Threads).Select(_ => new HeadTailSum(_queries.Items, _options.TailDraws, _head.Capacity + 1))];
        _queries.Fill(contexts, team);
        _index.Search(_queries.Rows, contexts.Length, _head.Capacity, _head, team);
        team.Run(this, contexts.Length);
    }

    /// <inheritdoc/>
    public void Dispose() => _queries.Dispose();

    void IParallelWork.Execute(int index, int worker)
    {
        (int context, int action, IRewardSource? model) = (_call.Contexts[index], _call.Actions[index], _call.Model);
        HeadTailSum sum = _sums[worker];
        sum.SetHead(_head.Items(index), action, model is null ? [] : model.RewardedItems(context));
        sum.Run(
            _queries.Rows.RowPointer(index), new RandomDraws(_options.Seed, RandomPurpose.Evaluation, 0, context), model, context);
        _call.Destination.Set(index, sum.Score(action) - sum.LogZ, sum.LogError, sum.Mean, sum.MeanError);
    }
}
