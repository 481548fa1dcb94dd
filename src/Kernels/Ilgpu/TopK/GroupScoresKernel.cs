using ILGPU;

namespace KernelPolicy.Kernels.Ilgpu;

/// <summary>The third pass of the exact top K: the scores of all items of the chosen groups.</summary>
/// <remarks>As many products as the chosen groups have items, of rows that lie side by side. Groups of threads: B·parts of 128 items.</remarks>
internal static class GroupScoresKernel
{
    private const int PartItems = 128;

    /// <summary>Groups of threads a query.</summary>
    public static int Parts(GroupChoice choice) => (int)((((long)choice.Capacity * choice.GroupItems) + PartItems - 1) / PartItems);

    /// <summary>Fills the scores of a choice.</summary>
    public static void Run<TLanes, TTeam, TTable>(TTable table, ArrayView<float> queries, GroupChoice choice)
        where TLanes : unmanaged, ILanes<TLanes>
        where TTeam : struct, ITeam
        where TTable : struct, ITable
    {
        ArrayView<float> scores = SharedMemory.Allocate<float>(PartItems * Lanes16.Count);
        int parts = Parts(choice), part = PartItems / choice.GroupItems, stride = table.Stride;
        int query = Grid.IdxX / parts, first = Grid.IdxX % parts * part;
        int count = Math.Max(0, Math.Min(part, choice.Found[query] - first)) * choice.GroupItems;
        int rank = Group.IdxX % TTeam.Size, teams = Group.DimX / TTeam.Size;
        int start = first * choice.GroupItems;
        long place = ((long)query * choice.Capacity * choice.GroupItems) + start;
        int bits = 0;
        for (int i = Group.IdxX; i < count; i += Group.DimX)
            bits += TTeam.Touch(table, Math.Min(choice.Item(query, start + i), choice.Items - 1L) * stride);
        int rounds = (count + teams - 1) / teams;
        for (int round = 0; round < rounds; round++)
        {
            int i = (round * teams) + (Group.IdxX / TTeam.Size);
            long item = i < count ? choice.Item(query, start + i) : long.MaxValue;
            TLanes sum = TLanes.Zero;
            if (item < choice.Items)
            {
                for (int l = rank * TLanes.Count; l < stride; l += TTeam.Size * TLanes.Count)
                    sum = TLanes.MultiplyAdd(TLanes.Load(queries, ((long)query * stride) + l), TLanes.LoadRow(table, (item * stride) + l), sum);
            }

            TTeam.Keep(scores, i, i < count, sum);
        }

        Group.Barrier();
        if (Group.IdxX < count)
            scores[Group.IdxX] += bits * choice.Zero;
        Group.Barrier();
        for (int i = Group.IdxX; i < count; i += Group.DimX)
        {
            choice.Scores[place + i] = choice.Item(query, start + i) < choice.Items
                ? TTeam.Kept<TLanes>(scores, i)
                : float.NegativeInfinity;
        }
    }
}
