using ILGPU;

namespace KernelPolicy.Kernels.Ilgpu;

/// <summary>
/// The first pass of the exact top K: the largest score h·β_a of every eight neighbouring items, for a batch of queries.
/// β [P, L], H [B, L] → [B, P/8]; [B, P] is not stored.
/// </summary>
/// <remarks>
/// Bound by arithmetic, 2·B·P·L operations. The K groups with the largest of these maxima hold the top K: see
/// <see cref="GroupChoiceKernel"/>. A thread takes four items for 32 queries at a time. For processors;
/// <see cref="StagedMaximaKernel"/> is for graphics processors. Reference: TopItems of the tests.
/// </remarks>
internal static class GroupMaximaKernel
{
    /// <summary>Items of a group, as a power of two.</summary>
    public const int GroupBits = 3;

    /// <summary>Items of a group.</summary>
    public const int GroupItems = 1 << GroupBits;

    // So many rows and their scores stay in a first cache while a pair of panels goes by.
    private const int PartGroups = 8;

    // So many maxima of a query are written at a time: whole lines of a cache.
    private const int RunGroups = 64;
    private const int Width = 2 * Panels.Width;

    /// <summary>Groups of the catalogue.</summary>
    public static int Count(int items) => (items + GroupItems - 1) / GroupItems;

    /// <summary>Into how many stretches the catalogue is best divided, at most so many: all of a size but the last, for
    /// drivers hand out half of them to either of two cores.</summary>
    public static int Stretches(int groups, int most)
    {
        int runs = (groups + RunGroups - 1) / RunGroups;
        int share = (runs + most - 1) / most;
        return (runs + share - 1) / share;
    }

    /// <summary>Groups of threads: any number; each takes a stretch of the catalogue.</summary>
    public static void Run<TTable>(
        TTable table, int items, int dimension, ArrayView<float> panels, int queries, ArrayView<float> maxima)
        where TTable : struct, ITable
    {
        ArrayView<float> scores = SharedMemory.Allocate<float>(PartGroups * GroupItems * Width);
        ArrayView<float> bests = SharedMemory.Allocate<float>(RunGroups * Width);
        int panelCount = Panels.Count(queries), groups = Count(items);
        int runs = (groups + RunGroups - 1) / RunGroups;
        int share = (runs + Grid.DimX - 1) / Grid.DimX;
        int end = Math.Min(runs, (Grid.IdxX + 1) * share);
        for (int run = Grid.IdxX * share; run < end; run++)
        {
            int first = run * RunGroups, count = Math.Min(RunGroups, groups - first);
            for (int panel = 0; panel < panelCount; panel += 2)
            {
                int width = Math.Min(2, panelCount - panel) * Panels.Width;
                for (int part = 0; part < count; part += PartGroups)
                {
                    int partCount = Math.Min(PartGroups, count - part);
                    Score(table, items, dimension, first + part, partCount, panels, panel, width, scores);
                    Group.Barrier();
                    for (int i = Group.IdxX; i < partCount; i += Group.DimX)
                    {
                        for (int lane = 0; lane < width; lane += Panels.Width)
                            Lanes16.Store(bests, ((part + i) * Width) + lane, Best(scores, (i * GroupItems * Width) + lane));
                    }

                    Group.Barrier();
                }

                // A query a row: what is chosen among are the maxima of one query.
                for (int query = 0; query < width; query++)
                {
                    long row = ((((long)panel * Panels.Width) + query) * groups) + first;
                    for (int i = Group.IdxX; i < count; i += Group.DimX)
                        maxima[row + i] = bests[(i * Width) + query];
                }

                Group.Barrier();
            }
        }
    }

    private static void Score<TTable>(
        TTable table, int items, int dimension, int first, int count, ArrayView<float> panels, int panel, int width,
        ArrayView<float> scores)
        where TTable : struct, ITable
    {
        for (int tile = Group.IdxX; tile < count * (GroupItems / FourItems.Items); tile += Group.DimX)
        {
            long item = ((long)first * GroupItems) + (tile * FourItems.Items);
            if (width == Width)
                FourItemsTwoPanels.Score(table, items, dimension, item, panels, panel, scores, tile * FourItems.Items * Width, Width);
            else
                FourItems.Score(table, items, dimension, item, panels, panel, scores, tile * FourItems.Items * Width, Width);
        }
    }

    private static Lanes16 Best(ArrayView<float> scores, int offset)
    {
        Lanes16 best = Lanes16.Load(scores, offset);
        for (int item = 1; item < GroupItems; item++)
            best = Lanes16.Max(best, Lanes16.Load(scores, offset + (item * Width)));
        return best;
    }
}
