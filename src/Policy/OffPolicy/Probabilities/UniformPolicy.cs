using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>The policy that acts without regard to the context: π(a|x) = 1/P.</summary>
/// <remarks>Exact. The mean of a dense model takes P rewards a context. Not thread-safe.</remarks>
public sealed class UniformPolicy : IPolicyProbabilities, IParallelWork
{
    private readonly int[] _contexts;
    private IRewardSource? _model;
    private ProbabilityBatch _destination = null!;

    /// <summary>Makes the policy.</summary>
    /// <param name="count">N, at least 0.</param>
    /// <param name="catalogue">P, at least 1.</param>
    public UniformPolicy(int count, int catalogue)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfLessThan(catalogue, 1);
        (Count, Catalogue) = (count, catalogue);
        _contexts = new int[BatchSize];
    }

    /// <inheritdoc/>
    public string Description => "uniform";

    /// <inheritdoc/>
    public int Count { get; }

    /// <inheritdoc/>
    public int Catalogue { get; }

    /// <inheritdoc/>
    public int BatchSize => 1024;

    /// <inheritdoc/>
    public bool GivesMeans => true;

    /// <inheritdoc/>
    public void Fill(
        ReadOnlySpan<int> contexts, ReadOnlySpan<int> actions, IRewardSource? model, ProbabilityBatch destination, WorkerTeam team)
    {
        ArgumentNullException.ThrowIfNull(destination);
        ArgumentNullException.ThrowIfNull(team);
        destination.Check(this, contexts, actions, model);
        contexts.CopyTo(_contexts);
        (_model, _destination) = (model, destination);
        team.Run(this, contexts.Length);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    void IParallelWork.Execute(int index, int worker) => _destination.SetExact(
        index, -Math.Log(Catalogue), _model is null ? 0 : CatalogueMean.Of(_model, _contexts[index], Catalogue, []));
}
