using KernelPolicy.Index;
using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>R on the contexts held out, those of all ranks together.</summary>
internal sealed class TrainingValidation : IDisposable
{
    private readonly PolicyEvaluator? _own;
    private readonly int _ownCount;
    private readonly ITrainingGroup _group;
    private readonly double _count;

    /// <summary>Reserves what it needs.</summary>
    /// <param name="problem">The contexts of this rank; null or empty for none.</param>
    /// <param name="index">What recommends.</param>
    /// <param name="group">The ranks.</param>
    /// <param name="team">Threads to use.</param>
    /// <exception cref="ArgumentException">There is no index to recommend by.</exception>
    public TrainingValidation(TrainingProblem? problem, IMipsIndex? index, ITrainingGroup group, WorkerTeam team)
    {
        _group = group;
        _ownCount = problem?.Contexts.Count ?? 0;
        if (_ownCount > 0 && index is null)
            throw new ArgumentException("Validation needs an index to recommend by.", nameof(index));
        _count = group.Sum(_ownCount);
        _own = _ownCount > 0 ? new PolicyEvaluator(problem!, team, [1]) : null;
    }

    /// <summary>Whether there are contexts held out, here or on another rank.</summary>
    public bool Exists => _count > 0;

    /// <summary>R.</summary>
    /// <param name="query">How a context becomes a query.</param>
    /// <param name="index">What recommends.</param>
    /// <param name="cancellation">Stops between batches; ranks that work together stop between steps alone.</param>
    public double Reward(QueryMap query, IMipsIndex index, CancellationToken cancellation)
    {
        if (_group.Size == 1)
            return _own!.Reward(query, index, cancellation);
        double sum = _own is null ? 0 : _own.Reward(query, index, CancellationToken.None) * _ownCount;
        return _group.Sum(sum) / _count;
    }

    public void Dispose() => _own?.Dispose();
}
