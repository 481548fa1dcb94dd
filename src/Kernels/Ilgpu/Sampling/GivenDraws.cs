using ILGPU;

namespace KernelPolicy.Kernels.Ilgpu;

/// <summary>Draws that another kernel has made and kept [B, S]: those of REINFORCE, which come from π itself, and those whose
/// rewards the host was asked for.</summary>
/// <param name="items">Items as <see cref="IProposal.Draw"/> gives them.</param>
/// <param name="logWeights">Weights as it gives them.</param>
/// <param name="samples">S.</param>
internal readonly struct GivenDraws(ArrayView<int> items, ArrayView<float> logWeights, int samples) : IProposal
{
    private readonly ArrayView<int> _items = items;
    private readonly ArrayView<float> _logWeights = logWeights;
    private readonly int _samples = samples;

    /// <inheritdoc/>
    public void Draw(BatchView batch, int position, int first, int count, ArrayView<int> items, ArrayView<float> logWeights)
    {
        long start = ((long)position * _samples) + first;
        for (int s = Group.IdxX; s < count; s += Group.DimX)
        {
            items[s] = _items[start + s];
            logWeights[s] = _logWeights[start + s];
        }
    }
}

/// <summary>Makes the draws of a proposal and keeps them.</summary>
internal static class KeepDrawsKernel
{
    /// <summary>Groups: B·parts of 128 draws.</summary>
    public static void Run<TProposal>(
        BatchView batch, SampledShape shape, TProposal proposal, ArrayView<int> keptItems, ArrayView<float> keptLogWeights)
        where TProposal : struct, IProposal
    {
        ArrayView<int> items = SharedMemory.Allocate<int>(SampledShape.Part);
        ArrayView<float> logWeights = SharedMemory.Allocate<float>(SampledShape.Part);
        int position = Grid.IdxX / shape.Parts;
        int first = Grid.IdxX % shape.Parts * SampledShape.Part;
        int count = Math.Min(SampledShape.Part, shape.Samples - first);
        proposal.Draw(batch, position, first, count, items, logWeights);
        Group.Barrier();
        long start = ((long)position * shape.Samples) + first;
        for (int s = Group.IdxX; s < count; s += Group.DimX)
        {
            keptItems[start + s] = items[s];
            keptLogWeights[start + s] = logWeights[s];
        }
    }
}
