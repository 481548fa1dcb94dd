using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>A few rows of a problem whose β lies in parts elsewhere: what a training is known by.</summary>
/// <remarks>The numbers are those that the problem would have in one process, bit for bit, so that its checkpoints know it however it is
/// divided. Where parts lie with ranks it is collective: all ask for the same.</remarks>
public interface IProblemSample
{
    /// <summary>Writes rows of β.</summary>
    /// <param name="items">Which [n].</param>
    /// <param name="rows">Receives them [≥ n, L].</param>
    void FillItems(ReadOnlySpan<int> items, Matrix rows);

    /// <summary>Writes contexts x.</summary>
    /// <param name="contexts">Which [n].</param>
    /// <param name="rows">Receives them [≥ n, L].</param>
    void FillContexts(ReadOnlySpan<int> contexts, Matrix rows);
}
