using ILGPU;

namespace KernelPolicy.Kernels.Ilgpu;

/// <summary>The third pass of the exact top K: the scores of all items of the chosen groups.</summary>
/// <remarks>B·K·16 products of rows that lie side by side. Groups of threads: B·parts of 32 groups.</remarks>
internal static class GroupScoresKernel
{
    private const int Part = 32;

    /// <summary>Groups of threads a query.</summary>
    public static int Parts(int capacity) => (capacity + Part - 1) / Part;

    /// <summary>Fills the scores of a choice.</summary>
    public static void Run<TLanes, TTeam, TTable>(TTable table, ArrayView<float> queries, GroupChoice choice)
        where TLanes : unmanaged, ILanes<TLanes>
        where TTeam : struct, ITeam
        where TTable : struct, ITable
    {
        int parts = Parts(choice.Capacity), stride = table.Stride;
        int query = Grid.IdxX / parts, first = Grid.IdxX % parts * Part;
        int count = Math.Max(0, Math.Min(Part, choice.Found[query] - first)) * GroupMaximaKernel.GroupItems;
        int rank = Group.IdxX % TTeam.Size, teams = Group.DimX / TTeam.Size;
        long place = ((long)query * choice.Capacity) + first;
        int rounds = (count + teams - 1) / teams;
        for (int round = 0; round < rounds; round++)
        {
            int i = (round * teams) + (Group.IdxX / TTeam.Size);
            long item = long.MaxValue;
            if (i < count)
                item = ((long)choice.Groups[place + (i / GroupMaximaKernel.GroupItems)] * GroupMaximaKernel.GroupItems) + (i % GroupMaximaKernel.GroupItems);
            TLanes sum = TLanes.Zero;
            if (item < choice.Items)
            {
                for (int l = rank * TLanes.Count; l < stride; l += TTeam.Size * TLanes.Count)
                    sum = TLanes.MultiplyAdd(TLanes.Load(queries, ((long)query * stride) + l), TLanes.LoadRow(table, (item * stride) + l), sum);
            }

            float score = TTeam.Sum(TLanes.Sum(sum));
            if (i < count && rank == 0)
                choice.Scores[(place * GroupMaximaKernel.GroupItems) + i] = item < choice.Items ? score : float.NegativeInfinity;
        }
    }
}
