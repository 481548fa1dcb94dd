using ILGPU;

namespace KernelPolicy.Kernels.Ilgpu;

/// <summary>
/// The last pass of the exact top K: of the items of the chosen groups the K best, best first, of equal ones the smaller
/// item.
/// </summary>
/// <remarks>
/// Of each group at least the best stays: the least of these bests is a threshold that K items reach, by the very scores
/// that are compared. What reaches it, little more than K items, is put in order by counting for each those that beat it.
/// One group of threads a query. Reference: TopItems of the tests.
/// </remarks>
internal static class TopItemsKernel
{
    /// <summary>Groups of threads: one a query.</summary>
    /// <param name="choice">The chosen groups with their scores.</param>
    /// <param name="k">K.</param>
    /// <param name="keys">Room for candidates [B, capacity·group items].</param>
    /// <param name="found">Receives how many there are of each query [B].</param>
    /// <param name="topItems">Receives items [B, K].</param>
    /// <param name="topScores">Receives scores [B, K].</param>
    public static void Run(
        GroupChoice choice, int k, ArrayView<ulong> keys, ArrayView<int> found, ArrayView<int> topItems, ArrayView<float> topScores)
    {
        ArrayView<float> least = SharedMemory.Allocate<float>(ITeam.MostThreads);
        ArrayView<int> counter = SharedMemory.Allocate<int>(1);
        int query = Grid.IdxX, groups = choice.Found[query];
        long first = (long)query * choice.Capacity * choice.GroupItems;
        float threshold = float.PositiveInfinity;
        for (int group = Group.IdxX; group < groups; group += Group.DimX)
            threshold = Math.Min(threshold, Best(choice, first + ((long)group * choice.GroupItems)));
        least[Group.IdxX] = threshold;
        if (Group.IdxX == 0)
            counter[0] = 0;
        Group.Barrier();
        for (int thread = 0; thread < Group.DimX; thread++)
            threshold = Math.Min(threshold, least[thread]);

        // Where there are fewer groups than K, their bests are too few to say what is out: every item stays.
        threshold = groups < k ? float.NegativeInfinity : threshold;

        for (int i = Group.IdxX; i < groups * choice.GroupItems; i += Group.DimX)
        {
            float score = choice.Scores[first + i];
            if (!(score >= threshold))
                continue;
            long item = choice.Item(query, i);
            if (item < choice.Items)
                keys[first + Atomic.Add(ref counter[0], 1)] = Key(score, (int)item);
        }

        MemoryFence.DeviceLevel();
        Group.Barrier();
        int candidates = counter[0];
        for (int i = Group.IdxX; i < candidates; i += Group.DimX)
        {
            ulong key = keys[first + i];
            int rank = 0;
            for (int j = 0; j < candidates; j++)
                rank += keys[first + j] > key ? 1 : 0;
            if (rank >= k)
                continue;
            topItems[((long)query * k) + rank] = (int)~(uint)key;
            topScores[((long)query * k) + rank] = Score(key);
        }

        if (Group.IdxX == 0)
            found[query] = Math.Min(k, candidates);
    }

    private static float Best(GroupChoice choice, long first)
    {
        float best = choice.Scores[first];
        for (int i = 1; i < choice.GroupItems; i++)
            best = Math.Max(best, choice.Scores[first + i]);
        return best;
    }

    // ScoredItem.Key in the words that devices have.
    private static ulong Key(float score, int item)
    {
        uint bits = Interop.FloatAsInt(score + 0f);
        uint ordered = (bits & 0x80000000u) != 0 ? ~bits : bits | 0x80000000u;
        return ((ulong)ordered << 32) | ~(uint)item;
    }

    private static float Score(ulong key)
    {
        uint ordered = (uint)(key >> 32);
        return Interop.IntAsFloat((ordered & 0x80000000u) != 0 ? ordered ^ 0x80000000u : ~ordered);
    }
}
