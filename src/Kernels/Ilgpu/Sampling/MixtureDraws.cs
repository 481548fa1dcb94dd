using ILGPU;

namespace KernelPolicy.Kernels.Ilgpu;

/// <summary>
/// The paper's proposal q(a) = ε/P + (1−ε) κ(a)·1[a ∈ α_K], as <see cref="MixtureProposal"/>: draw s takes random number 2s
/// for the part (iid sampler only) and 2s + 1 for the item; a uniform draw that lands in α_K has the density of both parts.
/// </summary>
/// <param name="heads">α_K of the batch, prepared by <see cref="MixtureHeadKernel"/>.</param>
/// <param name="catalogue">P.</param>
/// <param name="epsilon">ε.</param>
/// <param name="uniform">⌊εS⌋, the uniform draws of the stratified sampler; −1 for the iid sampler.</param>
internal readonly struct MixtureDraws(MixtureHeads heads, int catalogue, double epsilon, int uniform) : IProposal
{
    private readonly int _catalogue = catalogue;
    private readonly double _epsilon = epsilon;
    private readonly int _uniform = uniform;

    /// <summary>α_K of the batch.</summary>
    public MixtureHeads Heads { get; } = heads;

    /// <inheritdoc/>
    /// <remarks>The constant of the weights is ln(ε/P), so that a draw outside α_K has −ln q = 0.</remarks>
    public void Draw(BatchView batch, int position, int first, int count, ArrayView<int> items, ArrayView<float> logWeights)
    {
        for (int s = Group.IdxX; s < count; s += Group.DimX)
        {
            (ulong part, ulong bits) = DeviceDraws.Pair(batch.Seed, batch.Step, batch.Context(position), first + s);
            int item = DeviceDraws.Below(bits, _catalogue);
            int place = IsUniform(first + s, part) ? Heads.Find(position, item) : Inverse(position, DeviceDraws.Unit(bits));
            items[s] = place < 0 ? item : ~Heads.Item(position, place);
            logWeights[s] = place < 0 ? 0 : Heads.LogWeight(position, place);
        }
    }

    /// <summary>The item of a draw that is uniform; −1 where it is from κ. Needs no head.</summary>
    public int DrawUniform(BatchView batch, int position, int draw)
    {
        (ulong part, ulong bits) = DeviceDraws.Pair(batch.Seed, batch.Step, batch.Context(position), draw);
        return IsUniform(draw, part) ? DeviceDraws.Below(bits, _catalogue) : -1;
    }

    /// <summary>The position in α_K of a draw from κ.</summary>
    public int DrawHead(BatchView batch, int position, int draw)
    {
        (_, ulong bits) = DeviceDraws.Pair(batch.Seed, batch.Step, batch.Context(position), draw);
        return Inverse(position, DeviceDraws.Unit(bits));
    }

    private bool IsUniform(int draw, ulong part) => _uniform >= 0 ? draw < _uniform : DeviceDraws.Unit(part) < _epsilon;

    // The first position whose cumulative κ exceeds the number. All draws halve as often: nothing here goes one way or the
    // other that a processor could guess wrong.
    private int Inverse(int position, double unit)
    {
        long head = (long)position * Heads.Capacity;
        int low = 0, length = Heads.Found[position];
        while (length > 1)
        {
            int half = length >> 1;
            low += Heads.Cumulative[head + low + half - 1] > unit ? 0 : half;
            length -= half;
        }

        return low;
    }
}
