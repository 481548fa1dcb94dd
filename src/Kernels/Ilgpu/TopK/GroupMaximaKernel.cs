using ILGPU;

namespace KernelPolicy.Kernels.Ilgpu;

/// <summary>
/// The first pass of the exact top K: the largest score h·β_a of every eight neighbouring items, for a batch of queries.
/// β [P, L], H [B, L] → [B, P/8]; [B, P] is not stored.
/// </summary>
/// <remarks>
/// Bound by arithmetic, 2·B·P·L operations. The K groups with the largest of these maxima hold the top K: see
/// <see cref="GroupChoiceKernel"/>. A thread takes a group of items for a panel of sixteen queries. For processors;
/// <see cref="StagedMaximaKernel"/> is for graphics processors. Reference: TopItems of the tests.
/// </remarks>
internal static class GroupMaximaKernel
{
    /// <summary>Items of a group.</summary>
    public const int GroupItems = 8;

    // So many rows stay in a first cache while the panels go by.
    private const int PartGroups = 16;

    /// <summary>Groups of the catalogue.</summary>
    public static int Count(int items) => (items + GroupItems - 1) / GroupItems;

    /// <summary>Groups of threads: any number; each takes a stretch of the catalogue.</summary>
    public static void Run<TTable>(
        TTable table, int items, int dimension, ArrayView<float> panels, int queries, ArrayView<float> maxima)
        where TTable : struct, ITable
    {
        ArrayView<float> scores = SharedMemory.Allocate<float>(PartGroups * GroupItems * Panels.Width);
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
                {
                    EightItems.Score(
                        table, items, dimension, (first + (long)i) * GroupItems, panels, panel, scores, i * GroupItems * Panels.Width, Panels.Width);
                }

                Group.Barrier();
                for (int i = Group.IdxX; i < count; i += Group.DimX)
                    Lanes16.Store(bests, i * Panels.Width, Best(scores, i * GroupItems * Panels.Width));
                Group.Barrier();

                // A query a row: what is chosen among are the maxima of one query.
                for (int task = Group.IdxX; task < count * Panels.Width; task += Group.DimX)
                {
                    int query = task / count, i = task % count;
                    maxima[((((long)panel * Panels.Width) + query) * groups) + first + i] = bests[(i * Panels.Width) + query];
                }

                Group.Barrier();
            }
        }
    }

    private static Lanes16 Best(ArrayView<float> scores, int offset)
    {
        Lanes16 best = Lanes16.Load(scores, offset);
        for (int item = 1; item < GroupItems; item++)
            best = Lanes16.Max(best, Lanes16.Load(scores, offset + (item * Panels.Width)));
        return best;
    }
}
