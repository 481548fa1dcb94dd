using ILGPU;

namespace KernelPolicy.Kernels.Ilgpu;

/// <summary>Uniform draws from the catalogue, q = 1/P: draw s of the sequence gives item s, as
/// <see cref="UniformProposal"/>.</summary>
/// <param name="catalogue">P.</param>
internal readonly struct UniformDraws(int catalogue) : IProposal
{
    private readonly int _catalogue = catalogue;

    /// <inheritdoc/>
    public void Draw(BatchView batch, int position, int first, int count, ArrayView<int> items, ArrayView<float> logWeights)
    {
        int context = batch.Context(position);

        // Parts start at even draws, so that both halves of a pair fall into one.
        for (int pair = Group.IdxX; 2 * pair < count; pair += Group.DimX)
        {
            (ulong even, ulong odd) = DeviceDraws.Pair(batch.Seed, batch.Step, context, (first >> 1) + pair);
            items[2 * pair] = DeviceDraws.Below(even, _catalogue);
            logWeights[2 * pair] = 0;
            if ((2 * pair) + 1 < count)
            {
                items[(2 * pair) + 1] = DeviceDraws.Below(odd, _catalogue);
                logWeights[(2 * pair) + 1] = 0;
            }
        }
    }
}
