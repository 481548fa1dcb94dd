using ILGPU;

namespace KernelPolicy.Kernels.Ilgpu;

/// <summary>
/// Draws from π itself, for REINFORCE: the cumulative mass of the blocks of the catalogue, then by inverse transform a
/// block, and within it the item.
/// </summary>
/// <remarks>algorithm.md, estimator 2. From <see cref="KeptWeights"/>, in double precision over blocks. Draw s is random
/// number s of the sequence, as <see cref="SoftmaxWeights"/>.</remarks>
internal static class PolicyDrawKernels
{
    /// <summary>Cumulative mass of the blocks of each query [B, blocks]. Groups: one a context.</summary>
    public static void Cumulate(KeptWeights kept, CatalogueShape shape, ArrayView<double> logPartition, ArrayView<double> cumulative)
    {
        ArrayView<double> totals = SharedMemory.Allocate<double>(ITeam.MostThreads);
        int set = Grid.IdxX / CatalogueShape.Width, lane = Grid.IdxX % CatalogueShape.Width;
        long source = ((long)set * shape.Blocks * CatalogueShape.Width) + lane, target = (long)Grid.IdxX * shape.Blocks;
        int share = (shape.Blocks + Group.DimX - 1) / Group.DimX;
        int first = Group.IdxX * share, end = Math.Min(shape.Blocks, first + share);
        double total = 0;
        for (int block = first; block < end; block++)
        {
            long place = source + ((long)block * CatalogueShape.Width);
            total += DeviceMath.Exp(kept.Maxima[place] - logPartition[Grid.IdxX]) * kept.Sums[place];
            cumulative[target + block] = total;
        }

        totals[Group.IdxX] = total;
        Group.Barrier();
        double before = 0;
        for (int thread = 0; thread < Group.IdxX; thread++)
            before += totals[thread];
        for (int block = first; block < end; block++)
            cumulative[target + block] += before;
    }

    /// <summary>Draws S items a context [B, S], all of weight 1, as <see cref="GivenDraws"/> takes them. Groups: B·parts of 128
    /// draws.</summary>
    public static void Draw(
        KeptWeights kept, CatalogueShape shape, ArrayView<double> cumulative, BatchView batch, SampledShape samples, ArrayView<int> items,
        ArrayView<float> logWeights)
    {
        int position = Grid.IdxX / samples.Parts;
        int first = Grid.IdxX % samples.Parts * SampledShape.Part;
        int count = Math.Min(SampledShape.Part, samples.Samples - first);
        int context = batch.Context(position);

        // Zero, but where π is no distribution: then nothing drawn from it may pass for a number.
        double total = cumulative[((long)position * shape.Blocks) + shape.Blocks - 1];
        float logWeight = (float)(total - total);
        for (int s = Group.IdxX; s < count; s += Group.DimX)
        {
            (ulong even, ulong odd) = DeviceDraws.Pair(batch.Seed, batch.Step, context, (first + s) >> 1);
            double unit = DeviceDraws.Unit(((first + s) & 1) == 0 ? even : odd);
            long place = ((long)position * samples.Samples) + first + s;
            items[place] = ~Find(kept, shape, cumulative, position, unit);
            logWeights[place] = logWeight;
        }
    }

    private static int Find(KeptWeights kept, CatalogueShape shape, ArrayView<double> cumulative, int position, double unit)
    {
        long row = (long)position * shape.Blocks;
        double target = unit * cumulative[row + shape.Blocks - 1];
        int low = 0, high = shape.Blocks - 1;
        while (low < high)
        {
            int middle = (low + high) >> 1;
            if (cumulative[row + middle] > target)
                high = middle;
            else
                low = middle + 1;
        }

        int set = position / CatalogueShape.Width, lane = position % CatalogueShape.Width;
        double before = low == 0 ? 0 : cumulative[row + low - 1];
        long block = (((long)set * shape.Blocks) + low) * CatalogueShape.Width;
        float rest = (float)((target - before) / (cumulative[row + low] - before) * kept.Sums[block + lane]);
        int first = low * shape.BlockItems, count = Math.Min(shape.BlockItems, shape.Items - first);
        long weights = ((((long)set * shape.Items) + first) * CatalogueShape.Width) + lane;

        // Rounding may leave a rest after the last item: the last with any mass is meant.
        int found = 0;
        for (int i = 0; i < count; i++)
        {
            float weight = kept.Weights[weights + ((long)i * CatalogueShape.Width)];
            if (weight <= 0)
                continue;
            found = i;
            rest -= weight;
            if (rest < 0)
                break;
        }

        return first + found;
    }
}
