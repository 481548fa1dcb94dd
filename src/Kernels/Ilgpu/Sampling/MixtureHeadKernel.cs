using ILGPU;

namespace KernelPolicy.Kernels.Ilgpu;

/// <summary>
/// Prepares the mixture's proposal from α_K and its scores: κ = softmax of f over α_K, summed up;
/// ln q = ln(ε/P + (1 − ε) κ); the hash of the items. One group a context.
/// </summary>
/// <remarks>In double precision, as <see cref="MixtureProposal"/>: a draw compares a number of 53 bits with the sums.
/// Reference: Estimates.MixtureDensity of the tests.</remarks>
internal static class MixtureHeadKernel
{
    /// <summary>Groups: one a context.</summary>
    public static void Run(MixtureHeads heads, double epsilon, int catalogue)
    {
        int context = Grid.IdxX;
        long first = (long)context * heads.Capacity;
        int found = heads.Found[context];
        for (int slot = Group.IdxX; slot < heads.Slots; slot += Group.DimX)
            heads.Hash[((long)context * heads.Slots) + slot] = -1;

        // The best comes first; a score that is no number is found nowhere, and the gradient shows it.
        double maximum = found > 0 ? heads.Scores[first] : 0;
        for (int k = Group.IdxX; k < found; k += Group.DimX)
            heads.Cumulative[first + k] = DeviceMath.Exp(heads.Scores[first + k] - maximum);
        MemoryFence.DeviceLevel();
        Group.Barrier();

        double total = 0;
        for (int k = 0; k < found; k++)
            total += heads.Cumulative[first + k];
        double uniform = epsilon / catalogue;
        double offset = epsilon > 0 ? DeviceMath.Log(uniform) : 0;
        for (int k = Group.IdxX; k < found; k += Group.DimX)
        {
            double density = uniform + ((1 - epsilon) * (heads.Cumulative[first + k] / total));
            heads.LogWeights[first + k] = (float)(heads.Scores[first + k] - (DeviceMath.Log(density) - offset));
            heads.Insert(context, heads.Items[first + k], k);
        }

        MemoryFence.DeviceLevel();
        Group.Barrier();
        if (Group.IdxX != 0)
            return;
        if (found == 0)
        {
            // No score is a number: neither shall the gradient be.
            heads.Items[first] = 0;
            heads.LogWeights[first] = float.NaN;
        }

        double sum = 0;
        for (int k = 0; k < found; k++)
        {
            sum += heads.Cumulative[first + k];
            heads.Cumulative[first + k] = sum / total;
        }
    }
}
