using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>The policy that acts without regard to the context: π(a|x) = 1/P.</summary>
/// <remarks>Exact. The mean of a dense model takes P rewards a context. Not thread-safe.</remarks>
public sealed class UniformPolicy : IPolicyProbabilities, IParallelWork
{
    private readonly ProbabilityCall _call;

    /// <summary>Makes the policy.</summary>
    /// <param name="count">N, at least 0.</param>
    /// <param name="catalogue">P, at least 1.</param>
    public UniformPolicy(int count, int catalogue)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfLessThan(catalogue, 1);
        (Count, Catalogue) = (count, catalogue);
        _call = new ProbabilityCall(BatchSize);
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
        _call.Begin(this, contexts, actions, model, destination, team);
        team.Run(this, contexts.Length);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    void IParallelWork.Execute(int index, int worker) => _call.Destination.SetExact(
        index, -Math.Log(Catalogue), _call.Model is { } model ? CatalogueMean.Of(model, _call.Contexts[index], Catalogue, []) : 0);
}
