using ILGPU;

namespace KernelPolicy.Kernels.Ilgpu;

/// <summary>Every item once: draw s is item s. The estimate is then the exact gradient.</summary>
internal readonly struct WholeCatalogue : IProposal
{
    /// <inheritdoc/>
    public void Draw(BatchView batch, int position, int first, int count, ArrayView<int> items, ArrayView<float> logWeights)
    {
        for (int s = Group.IdxX; s < count; s += Group.DimX)
        {
            items[s] = first + s;
            logWeights[s] = 0;
        }
    }
}
