using ILGPU;

namespace KernelPolicy.Kernels.Ilgpu;

/// <summary>
/// The first pass of the exact top K: the largest score h·β_a of every sixteen neighbouring items, for a batch of queries.
/// β [P, L], H [B, L] → [B, P/16]; [B, P] is not stored.
/// </summary>
/// <remarks>
/// Bound by arithmetic, 2·B·P·L operations. The K groups with the largest of these maxima hold the top K: see
/// <see cref="GroupChoiceKernel"/>. A thread takes a group of items for a panel of sixteen queries. For processors;
/// <see cref="StagedMaximaKernel"/> is for graphics processors. Reference: TopItems of the tests.
/// </remarks>
internal static class GroupMaximaKernel
{
    /// <summary>Items of a group.</summary>
    public const int GroupItems = 16;

    // So many rows stay in a first cache while the panels go by.
    private const int PartGroups = 8;

    /// <summary>Groups of the catalogue.</summary>
    public static int Count(int items) => (items + GroupItems - 1) / GroupItems;

    /// <summary>Groups of threads: any number; each takes a stretch of the catalogue.</summary>
    public static void Run<TTable>(
        TTable table, int items, int dimension, ArrayView<float> panels, int queries, ArrayView<float> maxima)
        where TTable : struct, ITable
    {
        // What a thread finds goes side by side into shared memory, and from there a query a row.
        ArrayView<float> bests = SharedMemory.Allocate<float>(PartGroups * Panels.Width);
        int panelCount = Panels.Count(queries), groups = Count(items);
        int share = (groups + Grid.DimX - 1) / Grid.DimX;
        int end = Math.Min(groups, (Grid.IdxX + 1) * share);
        for (int first = Grid.IdxX * share; first < end; first += PartGroups)
        {
            int count = Math.Min(PartGroups, end - first);
            for (int panel = 0; panel < panelCount; panel++)
            {
                for (int i = Group.IdxX; i < count; i += Group.DimX)
                    Lanes16.Store(bests, i * Panels.Width, Best(table, items, dimension, first + i, panels, panel));
                Group.Barrier();
                for (int task = Group.IdxX; task < count * Panels.Width; task += Group.DimX)
                {
                    int query = task / count, i = task % count;
                    maxima[((((long)panel * Panels.Width) + query) * groups) + first + i] = bests[(i * Panels.Width) + query];
                }

                Group.Barrier();
            }
        }
    }

    private static Lanes16 Best<TTable>(TTable table, int items, int dimension, int group, ArrayView<float> panels, int panel)
        where TTable : struct, ITable
    {
        long item = (long)group * GroupItems;
        Lanes16 maximum = ItemTile.Score(table, items, dimension, item, panels, panel).Maximum();
        for (int offset = ItemTile.Items; offset < GroupItems; offset += ItemTile.Items)
            maximum = Lanes16.Max(maximum, ItemTile.Score(table, items, dimension, item + offset, panels, panel).Maximum());
        return maximum;
    }
}
