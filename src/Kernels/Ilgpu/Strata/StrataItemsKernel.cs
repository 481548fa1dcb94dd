using ILGPU;

namespace KernelPolicy.Kernels.Ilgpu;

/// <summary>
/// The strata of each context: head H = α_K ∪ {items of known reward}, each once, and the tail: of l uniform draws those outside H,
/// in the order in which they were drawn. Where none is, the context's own draws go on until one is.
/// </summary>
/// <remarks>
/// algorithm.md, item 5. One group a context. Draws are those of the SIMD estimator: of the batch (<see cref="RandomPurpose.SharedTail"/>,
/// context 0), or the context's own. Each group makes the draws of the batch by itself: they cost less than to be written and read.
/// Places come from counts, so that no order of threads changes them.
/// </remarks>
internal static class StrataItemsKernel
{
    /// <summary>Groups: one a context.</summary>
    public static void Run<TTeam>(StrataItems strata, RetrievedItems retrieved, CompressedRows known, BatchView batch, StrataShape shape)
        where TTeam : struct, ITeam
    {
        int position = Grid.IdxX, context = batch.Context(position);
        long first = (long)position * shape.Slots, source = retrieved.First(position);
        StrataCounts counts;
        counts.Retrieved = retrieved.Found[position];
        strata.Heads.Clear(position);
        MemoryFence.DeviceLevel();
        Group.Barrier();
        for (int k = Group.IdxX; k < counts.Retrieved; k += Group.DimX)
        {
            int item = retrieved.Items[source + k];
            strata.Items[first + k] = item;
            strata.Scores[first + k] = retrieved.Scores[source + k];
            strata.Heads.Add(position, item);
        }

        MemoryFence.DeviceLevel();
        Group.Barrier();
        counts.Head = Join<TTeam>(strata, known, position, context, first, counts.Retrieved);
        counts.Tail = Draw<TTeam>(strata, batch, shape, position, context, first + shape.HeadCapacity);
        counts.IsWhole = shape.IsWhole ? 1 : 0;
        if (counts.Tail == 0 && counts.IsWhole == 0)
        {
            // Without a draw, all outside a head that is most of the catalogue would count as nothing.
            int outside = shape.Catalogue - counts.Head;
            counts.Tail = Math.Min(1, outside);
            counts.IsWhole = outside <= 1 ? 1 : 0;
            if (outside > 0 && Group.IdxX == 0)
                strata.Items[first + shape.HeadCapacity] = Rescue(strata, batch, shape, position, context);
        }

        for (int k = counts.Head + Group.IdxX; k < shape.HeadCapacity; k += Group.DimX)
            strata.Items[first + k] = -1;
        for (int j = counts.Tail + Group.IdxX; j < shape.Draws; j += Group.DimX)
            strata.Items[first + shape.HeadCapacity + j] = -1;
        if (Group.IdxX == 0)
            strata.Counts[position] = counts;
    }

    // Known items that were not retrieved follow those that were.
    private static int Join<TTeam>(StrataItems strata, CompressedRows known, int position, int context, long first, int retrieved)
        where TTeam : struct, ITeam
    {
        long start = known.Start(context);
        int length = known.Length(context), head = retrieved;
        for (int round = 0; round < length; round += Group.DimX)
        {
            int j = round + Group.IdxX;
            int item = j < length ? known.Item(start + j) : -1;
            int isNew = item >= 0 && !strata.Heads.Contains(position, item) ? 1 : 0;
            int before = TTeam.GroupSumBefore(isNew);
            if (isNew != 0)
                strata.Items[first + head + before] = item;
            head += TTeam.GroupSum(isNew);
        }

        MemoryFence.DeviceLevel();
        Group.Barrier();
        for (int k = retrieved + Group.IdxX; k < head; k += Group.DimX)
            strata.Heads.Add(position, strata.Items[first + k]);
        MemoryFence.DeviceLevel();
        Group.Barrier();
        return head;
    }

    private static int Draw<TTeam>(StrataItems strata, BatchView batch, StrataShape shape, int position, int context, long first)
        where TTeam : struct, ITeam
    {
        int tail = 0;
        for (int round = 0; round < shape.Draws; round += Group.DimX)
        {
            int draw = round + Group.IdxX;
            int item = draw < shape.Draws ? shape.Draw(batch, context, draw) : -1;
            int isOutside = item >= 0 && !strata.Heads.Contains(position, item) ? 1 : 0;
            int before = TTeam.GroupSumBefore(isOutside);
            if (isOutside != 0)
                strata.Items[first + tail + before] = item;
            tail += TTeam.GroupSum(isOutside);
        }

        return tail;
    }

    private static int Rescue(StrataItems strata, BatchView batch, StrataShape shape, int position, int context)
    {
        int number = 0;
        int item = shape.Rescue(batch, context, number);
        while (strata.Heads.Contains(position, item))
            item = shape.Rescue(batch, context, ++number);
        return item;
    }
}
