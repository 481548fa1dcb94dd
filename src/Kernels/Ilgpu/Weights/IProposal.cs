using ILGPU;

namespace KernelPolicy.Kernels.Ilgpu;

/// <summary>Where the items of an estimate come from, as <see cref="SampledPassKernel"/> asks for them.</summary>
internal interface IProposal
{
    /// <summary>
    /// Makes the draws first to first + count − 1 of one context, all threads of the group together.
    /// </summary>
    /// <param name="batch">The batch.</param>
    /// <param name="position">The context's position in it.</param>
    /// <param name="first">Number of the first draw.</param>
    /// <param name="count">How many.</param>
    /// <param name="items">Receives an item that is still to be scored, or ~item where the weight is known.</param>
    /// <param name="logWeights">Receives −ln q of an item that is still to be scored, up to a constant; of another, f − ln q
    /// with the same constant.</param>
    void Draw(BatchView batch, int position, int first, int count, ArrayView<int> items, ArrayView<float> logWeights);
}
