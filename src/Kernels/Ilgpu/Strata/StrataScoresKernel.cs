using ILGPU;

namespace KernelPolicy.Kernels.Ilgpu;

/// <summary>f = h·β_a of the items of head and tail that have no score yet [B, slots].</summary>
/// <remarks>One group a part of 128 slots. Bound by memory: a row of β an item; those of draws that a batch has in common come from
/// the cache for all contexts but the first.</remarks>
internal static class StrataScoresKernel
{
    /// <summary>Groups: B·parts.</summary>
    public static void Run<TLanes, TTeam, TTable>(TTable table, ArrayView<float> queries, StrataItems strata, StrataShape shape)
        where TLanes : unmanaged, ILanes<TLanes>
        where TTeam : struct, ITeam
        where TTable : struct, ITable
    {
        ArrayView<int> items = SharedMemory.Allocate<int>(SampledShape.Part);
        ArrayView<float> scores = SharedMemory.Allocate<float>(SampledShape.Part);
        StrataPart part = new(shape, strata.Counts);
        int count = part.Count <= part.Given ? 0 : part.Count;
        for (int k = Group.IdxX; k < count; k += Group.DimX)
        {
            int item = strata.Items[part.First + k];
            items[k] = k < part.Given ? ~item : item;
            scores[k] = k < part.Given ? strata.Scores[part.First + k] : 0;
        }

        Group.Barrier();
        int bits = 0;
        for (int k = Group.IdxX; k < count; k += Group.DimX)
            bits += TTeam.Touch(table, (long)(items[k] < 0 ? ~items[k] : items[k]) * table.Stride);
        if (Group.IdxX < count)
            scores[Group.IdxX] += bits * shape.Zero;
        Group.Barrier();
        SampledPassKernel.Score<TLanes, TTeam, TTable>(table, queries, part.Position, count, items, scores);
        for (int k = Group.IdxX; k < count; k += Group.DimX)
        {
            if (k >= part.Given)
                strata.Scores[part.First + k] = scores[k];
        }
    }
}
