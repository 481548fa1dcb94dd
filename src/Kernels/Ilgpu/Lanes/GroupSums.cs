using ILGPU;

namespace KernelPolicy.Kernels.Ilgpu;

/// <summary>
/// Up to eight numbers that the threads of a group add up at once, in double precision and in an order that depends on the
/// group's size alone: each thread puts its part, all join, and each may then take the sums.
/// </summary>
/// <remarks>By memory that the group shares, so that no device needs functions of its own for it. Sums may be taken until the
/// next join: those of one round and the parts of the next lie apart.</remarks>
internal static class GroupSums
{
    /// <summary>Sums of a round at most.</summary>
    public const int Most = 8;

    /// <summary>Numbers of shared memory that a kernel allocates for all its rounds.</summary>
    public const int Room = (Most * ITeam.MostThreads) + Most;

    private const int Results = Most * ITeam.MostThreads;

    /// <summary>Puts this thread's part of a sum.</summary>
    public static void Put(ArrayView<double> room, int sum, double part) => room[(sum * ITeam.MostThreads) + Group.IdxX] = part;

    /// <summary>Adds up the parts of the first <paramref name="count"/> sums.</summary>
    public static void Join(ArrayView<double> room, int count)
    {
        Group.Barrier();
        for (int width = Group.DimX; width > 1;)
        {
            int half = (width + 1) >> 1;
            if (Group.IdxX < width - half)
            {
                for (int sum = 0; sum < count; sum++)
                {
                    int place = (sum * ITeam.MostThreads) + Group.IdxX;
                    room[place] += room[place + half];
                }
            }

            Group.Barrier();
            width = half;
        }

        Share(room, count);
    }

    /// <summary>A sum, after a join.</summary>
    public static double Take(ArrayView<double> room, int sum) => room[Results + sum];

    /// <summary>The largest of what the threads hold, the same in all of them.</summary>
    public static float Largest(ArrayView<double> room, float value)
    {
        Put(room, 0, value);
        Group.Barrier();
        for (int width = Group.DimX; width > 1;)
        {
            int half = (width + 1) >> 1;
            if (Group.IdxX < width - half)
                room[Group.IdxX] = Math.Max(room[Group.IdxX], room[Group.IdxX + half]);
            Group.Barrier();
            width = half;
        }

        Share(room, 1);
        return (float)Take(room, 0);
    }

    private static void Share(ArrayView<double> room, int count)
    {
        if (Group.IdxX == 0)
        {
            for (int sum = 0; sum < count; sum++)
                room[Results + sum] = room[sum * ITeam.MostThreads];
        }

        Group.Barrier();
    }
}
