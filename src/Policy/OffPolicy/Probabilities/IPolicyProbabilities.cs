using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>What off-policy evaluation asks of a policy π: ln π(a_i|x_i) of logged actions, and E_π of a reward model.</summary>
/// <remarks>
/// Owns buffers; not thread-safe: one call at a time, which may use all threads of the team it is given. A context's answer
/// depends neither on the batch that it comes in nor on the number of threads.
/// </remarks>
public interface IPolicyProbabilities : IDisposable
{
    /// <summary>What gives the probabilities, with its parameters, for reports.</summary>
    string Description { get; }

    /// <summary>N, the contexts that there are.</summary>
    int Count { get; }

    /// <summary>P.</summary>
    int Catalogue { get; }

    /// <summary>Contexts of a call, at most.</summary>
    int BatchSize { get; }

    /// <summary>Whether E_π of a reward is to be had; where not, the probabilities of logged actions are all there is.</summary>
    bool GivesMeans { get; }

    /// <summary>Writes ln π(a|x) and, where a model is given, E_π[r_M(·, x)] of a batch, each with its standard error.</summary>
    /// <param name="contexts">Numbers of contexts [n], each in 0 to N − 1.</param>
    /// <param name="actions">The item whose probability is asked in each [n].</param>
    /// <param name="model">r_M, over N contexts; null to leave the means out.</param>
    /// <param name="destination">Receives the answers in places 0 to n − 1.</param>
    /// <param name="team">Threads to use.</param>
    /// <exception cref="ArgumentException">A shape does not fit, or means are asked of what does not give them.</exception>
    void Fill(
        ReadOnlySpan<int> contexts, ReadOnlySpan<int> actions, IRewardSource? model, ProbabilityBatch destination, WorkerTeam team);
}
