using ILGPU;

namespace KernelPolicy.Kernels.Ilgpu;

/// <summary>
/// The second pass of the exact top K: for each query the K groups with the largest maxima, of equal ones those with the
/// smaller items. They hold the top K, for every item outside them is beaten by K others: by the best of each chosen group.
/// </summary>
/// <remarks>
/// The K-th largest maximum is found by bisection of values, then of their bits, which rise as values do: a dozen counts over
/// [groups] numbers until one happens to part exactly K, never more than 52. One group of threads a query. Bound by memory
/// (cache). Counts are whole numbers: the answer does not depend on the order of threads.
/// </remarks>
internal static class GroupChoiceKernel
{
    private const uint KeyOfLowest = 0x007FFFFF;
    private const uint KeyAboveHighest = 0xFF800001;
    private const int RoundsByValue = 20;

    /// <summary>Groups of threads: one a query.</summary>
    public static void Run<TTeam>(ArrayView<float> maxima, int groups, GroupChoice choice)
        where TTeam : struct, ITeam
    {
        ArrayView<float> row = maxima.SubView((long)Grid.IdxX * groups, groups);
        float threshold = Threshold<TTeam>(row, groups, choice.Capacity);

        // Each thread writes what it finds in a stretch of its own, after those before it.
        int share = (groups + Group.DimX - 1) / Group.DimX;
        int first = Group.IdxX * share, end = Math.Min(groups, first + share);
        int above = 0, equal = 0;
        for (int i = first; i < end; i++)
        {
            above += row[i] > threshold ? 1 : 0;
            equal += row[i] == threshold ? 1 : 0;
        }

        int allAbove = TTeam.GroupSum(above);
        int equalBefore = TTeam.GroupSumBefore(equal);
        int free = choice.Capacity - allAbove;
        int own = above + Math.Max(0, Math.Min(equal, free - equalBefore));
        int before = TTeam.GroupSumBefore(own);
        int all = TTeam.GroupSum(own);
        long target = ((long)Grid.IdxX * choice.Capacity) + before;
        int equalLeft = free - equalBefore;
        for (int i = first; i < end; i++)
        {
            // Few are.
            if (!(row[i] >= threshold))
                continue;
            if (row[i] > threshold || equalLeft-- > 0)
                choice.Groups[target++] = i;
        }

        if (Group.IdxX == 0)
            choice.Found[Grid.IdxX] = all;
    }

    // The largest value that at least so many maxima reach; −∞ where there are not so many that are numbers.
    private static float Threshold<TTeam>(ArrayView<float> row, int groups, int capacity)
        where TTeam : struct, ITeam
    {
        ArrayView<uint> range = SharedMemory.Allocate<uint>(2);
        uint low = KeyAboveHighest, high = KeyOfLowest;
        for (int i = Group.IdxX; i < groups; i += Group.DimX)
        {
            // Keys rise as values do, but values are compared: that can be done for many at once.
            low = Math.Min(low, KeyOf(row[i]));
            high = Math.Max(high, KeyOf(row[i]));
        }

        if (Group.IdxX == 0)
        {
            range[0] = KeyAboveHighest;
            range[1] = KeyOfLowest;
        }

        Group.Barrier();
        Atomic.Min(ref range[0], low);
        Atomic.Max(ref range[1], high);
        Group.Barrier();
        low = Math.Max(KeyOfLowest, Math.Min(range[0], range[1]));
        high = Math.Min(KeyAboveHighest, Math.Max(low, range[1]) + 1);

        // Halving values finds the crowd sooner than halving their bits, but may never part two neighbours.
        for (int round = 0; high - low > 1; round++)
        {
            uint middle = low + ((high - low) >> 1);
            if (round < RoundsByValue)
            {
                uint byValue = KeyOf((ValueOf(low) * 0.5f) + (ValueOf(high) * 0.5f));
                middle = byValue > low && byValue < high ? byValue : middle;
            }

            float value = ValueOf(middle);
            int reached = 0;
            for (int i = Group.IdxX; i < groups; i += Group.DimX)
                reached += row[i] >= value ? 1 : 0;
            int all = TTeam.GroupSum(reached);
            if (all == capacity)
                return value;
            if (all > capacity)
                low = middle;
            else
                high = middle;
        }

        return ValueOf(low);
    }

    // The order of ScoredItem.Key, and back.
    private static uint KeyOf(float value)
    {
        uint bits = Interop.FloatAsInt(value);
        return (bits & 0x80000000u) != 0 ? ~bits : bits | 0x80000000u;
    }

    private static float ValueOf(uint key) =>
        Interop.IntAsFloat((key & 0x80000000u) != 0 ? key ^ 0x80000000u : ~key);
}
