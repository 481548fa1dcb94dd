using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>Contexts that are made a batch at a time: those of which no process has all parts, and that are summed over processes.</summary>
/// <remarks>Where they are summed over ranks its methods are collective: all ranks call the same ones in the same order, with the same contexts.
/// Not thread-safe. <see cref="IContextSource.Fill"/>, by which a context is made alone, may be refused.</remarks>
public interface IBatchContextSource : IContextSource
{
    /// <summary>Writes contexts to the first rows of a table, padding included.</summary>
    /// <param name="contexts">Which, any number up to the table's rows.</param>
    /// <param name="rows">Receives them [≥ contexts, L]; rows beyond are left alone.</param>
    /// <param name="team">Threads to use.</param>
    void FillBatch(ReadOnlySpan<int> contexts, Matrix rows, WorkerTeam team);

    /// <summary>Says which contexts will be asked for next, so that what they need of others is under way meanwhile. It changes no
    /// result; where others are asked for instead, it was in vain.</summary>
    /// <param name="contexts">Those of the next batch.</param>
    /// <param name="team">Threads to use.</param>
    void Announce(ReadOnlySpan<int> contexts, WorkerTeam team);
}
