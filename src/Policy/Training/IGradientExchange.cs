using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>Joins the gradients that ranks have made of their parts of a batch, before the ascent.</summary>
/// <remarks>Collective: every rank begins and finishes once a step, also one that has no context left in it. Not thread-safe.</remarks>
public interface IGradientExchange
{
    /// <summary>Begins to exchange, and returns at once.</summary>
    /// <param name="gradient">The mean over this rank's contexts [L, L]; it may change thereafter.</param>
    /// <param name="contexts">How many they were, 0 or more.</param>
    /// <param name="statistics">What they said of themselves.</param>
    void Begin(Matrix gradient, int contexts, BatchStatistics statistics);

    /// <summary>Lets the exchange move on: called now and then from work that is done beside it.</summary>
    void Advance();

    /// <summary>Waits for the exchange.</summary>
    /// <param name="gradient">Receives the mean over all ranks' contexts [L, L], the same on every rank, bit for bit.</param>
    /// <returns>What all said of themselves.</returns>
    BatchStatistics Finish(Matrix gradient);
}
