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

    /// <summary>Groups of the catalogue.</summary>
    public static int Count(int items) => (items + GroupItems - 1) / GroupItems;

    /// <summary>Groups of threads: any number; each takes a stretch of the catalogue.</summary>
    public static void Run<TTable>(
        TTable table, int items, int dimension, ArrayView<float> panels, int queries, ArrayView<float> maxima)
        where TTable : struct, ITable
    {
        int panelCount = Panels.Count(queries), groups = Count(items);
        int share = (groups + Grid.DimX - 1) / Grid.DimX;
        int first = Grid.IdxX * share, end = Math.Min(groups, first + share);
        for (int task = Group.IdxX; task < (end - first) * panelCount; task += Group.DimX)
        {
            int group = first + (task / panelCount), panel = task % panelCount;
            long item = (long)group * GroupItems;
            Lanes16 maximum = ItemTile.Score(table, items, dimension, item, panels, panel).Maximum();
            for (int offset = ItemTile.Items; offset < GroupItems; offset += ItemTile.Items)
                maximum = Lanes16.Max(maximum, ItemTile.Score(table, items, dimension, item + offset, panels, panel).Maximum());
            Lanes16.Scatter(maxima, ((long)panel * Panels.Width * groups) + group, groups, maximum);
        }
    }
}
