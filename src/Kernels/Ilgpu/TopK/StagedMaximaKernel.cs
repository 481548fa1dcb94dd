using ILGPU;

namespace KernelPolicy.Kernels.Ilgpu;

/// <summary>
/// What <see cref="GroupMaximaKernel"/> finds, for graphics processors and of every 32 items: rows are brought to shared
/// memory sixteen columns at a time, side by side, and a thread keeps the scores of four items for sixteen queries in
/// registers.
/// </summary>
/// <remarks>Per column a thread reads 4 numbers of shared memory and 16 that its whole warp reads, for 64 products. A group
/// of threads takes a tile of the catalogue: as many items as twice its threads, at most 256.</remarks>
internal static class StagedMaximaKernel
{
    /// <summary>Items of a group, as a power of two.</summary>
    public const int GroupBits = 5;

    /// <summary>Items of a group: more than a processor's, since there are threads enough to score them again, and what is
    /// chosen among should be little.</summary>
    public const int GroupItems = 1 << GroupBits;

    private const int Columns = 16;
    private const int MostQuads = 64;
    private const int SetPanels = 2;
    private const int QuadItems = 4;

    /// <summary>Items of a tile for so many threads a group.</summary>
    public static int TileItems(int threads) => Math.Min(threads / SetPanels, MostQuads) * QuadItems;

    /// <summary>Groups of threads: one a tile.</summary>
    public static void Run<TTable>(
        TTable table, int items, int dimension, ArrayView<float> panels, int queries, ArrayView<float> maxima)
        where TTable : struct, ITable
    {
        // One more number a column than there are items: neighbours in a row fall into different banks.
        ArrayView<float> staged = SharedMemory.Allocate<float>(Columns * ((MostQuads * QuadItems) + 1));
        ArrayView<float> bests = SharedMemory.Allocate<float>(MostQuads * SetPanels * (Panels.Width + 1));
        int quads = Math.Min(Group.DimX / SetPanels, MostQuads), tile = quads * QuadItems;
        long first = (long)Grid.IdxX * tile;
        int quad = Group.IdxX % quads, panelOfSet = Group.IdxX / quads;
        int panelCount = Panels.Count(queries);
        for (int set = 0; set < panelCount; set += SetPanels)
        {
            int panel = set + panelOfSet;
            bool isBusy = panelOfSet < SetPanels && panel < panelCount;
            Lanes16 sum0 = Lanes16.Zero, sum1 = Lanes16.Zero, sum2 = Lanes16.Zero, sum3 = Lanes16.Zero;
            for (int column = 0; column < dimension; column += Columns)
            {
                Stage(table, items, first, tile, quads, column, staged);
                Group.Barrier();
                if (isBusy)
                {
                    long query = Panels.Offset(panel * Panels.Width, column, table.Stride);
                    for (int l = 0; l < Columns; l++)
                    {
                        Lanes16 h = Lanes16.Load(panels, query + (l * Panels.Width));
                        int place = (l * (tile + 1)) + quad;
                        sum0 = Lanes16.MultiplyAdd(staged[place], h, sum0);
                        sum1 = Lanes16.MultiplyAdd(staged[place + quads], h, sum1);
                        sum2 = Lanes16.MultiplyAdd(staged[place + (2 * quads)], h, sum2);
                        sum3 = Lanes16.MultiplyAdd(staged[place + (3 * quads)], h, sum3);
                    }
                }

                Group.Barrier();
            }

            if (isBusy)
                Lanes16.Store(bests, Group.IdxX * (Panels.Width + 1), Lanes16.Max(Lanes16.Max(sum0, sum1), Lanes16.Max(sum2, sum3)));
            Group.Barrier();
            Write(items, first, quads, set, Math.Min(SetPanels, panelCount - set), bests, maxima);
            Group.Barrier();
        }
    }

    // Columns after the last are zeros of the padding; items after the last are the last again.
    private static void Stage<TTable>(
        TTable table, int items, long first, int tile, int quads, int column, ArrayView<float> staged)
        where TTable : struct, ITable
    {
        for (int i = Group.IdxX; i < tile * Columns; i += Group.DimX)
        {
            int item = i / Columns, l = i % Columns;
            long row = Math.Min(first + item, items - 1L) * table.Stride;
            staged[(l * (tile + 1)) + (item % QuadItems * quads) + (item / QuadItems)] = table.At(row + column + l);
        }
    }

    private static void Write(
        int items, long first, int quads, int set, int panelCount, ArrayView<float> bests, ArrayView<float> maxima)
    {
        const int QuadsOfGroup = GroupItems / QuadItems;
        int groups = (items + GroupItems - 1) / GroupItems, tileGroups = quads / QuadsOfGroup;
        long firstGroup = first / GroupItems;
        for (int task = Group.IdxX; task < tileGroups * panelCount * Panels.Width; task += Group.DimX)
        {
            int group = task % tileGroups, query = task / tileGroups;
            if (firstGroup + group >= groups)
                continue;
            int thread = (query / Panels.Width * quads) + (group * QuadsOfGroup), lane = query % Panels.Width;
            float best = bests[(thread * (Panels.Width + 1)) + lane];
            for (int next = 1; next < QuadsOfGroup; next++)
                best = Math.Max(best, bests[((thread + next) * (Panels.Width + 1)) + lane]);
            maxima[((((long)set * Panels.Width) + query) * groups) + firstGroup + group] = best;
        }
    }
}
