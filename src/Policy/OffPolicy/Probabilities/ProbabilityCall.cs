using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>What an <see cref="IPolicyProbabilities"/> was asked last, kept while threads answer it.</summary>
/// <param name="batchSize">Contexts of a call, at most.</param>
/// <remarks>Allocates nothing a call. Not thread-safe but for reading.</remarks>
internal sealed class ProbabilityCall(int batchSize)
{
    private readonly int[] _contexts = new int[batchSize];
    private readonly int[] _actions = new int[batchSize];

    /// <summary>Number of contexts.</summary>
    public int Count { get; private set; }

    /// <summary>Numbers of the contexts [n].</summary>
    public ReadOnlySpan<int> Contexts => _contexts.AsSpan(0, Count);

    /// <summary>The item that is asked for in each [n].</summary>
    public ReadOnlySpan<int> Actions => _actions.AsSpan(0, Count);

    /// <summary>The model whose mean is asked for; null for none.</summary>
    public IRewardSource? Model { get; private set; }

    /// <summary>Where the answers go.</summary>
    public ProbabilityBatch Destination { get; private set; } = null!;

    /// <summary>Takes the arguments of <see cref="IPolicyProbabilities.Fill"/>.</summary>
    /// <exception cref="ArgumentException">They do not fit the policy.</exception>
    public void Begin(
        IPolicyProbabilities policy, ReadOnlySpan<int> contexts, ReadOnlySpan<int> actions, IRewardSource? model,
        ProbabilityBatch destination, WorkerTeam team)
    {
        ArgumentNullException.ThrowIfNull(destination);
        ArgumentNullException.ThrowIfNull(team);
        destination.Check(policy, contexts, actions, model);
        contexts.CopyTo(_contexts);
        actions.CopyTo(_actions);
        (Count, Model, Destination) = (contexts.Length, model, destination);
    }
}
