using ILGPU;

namespace KernelPolicy.Kernels.Ilgpu;

/// <summary>
/// Up to eight numbers that the threads of a group add up at once, in double precision and in an order that depends on the
/// group's size alone: each thread puts its part, all join, and each may then take the sums.
/// </summary>
/// <remarks>By memory that the group shares, so that no device needs functions of its own for it. Sums may be taken until the
/// next join: those of one round and the parts of the next lie apart. No barrier stands in a loop or a branch: for each that does,
/// PoCL makes a copy of all that follows, and a kernel with a dozen would never be compiled.</remarks>
internal static class GroupSums
{
    /// <summary>Sums of a round at most.</summary>
    public const int Most = 8;

    /// <summary>Numbers of shared memory that a kernel allocates for all its rounds.</summary>
    public const int Room = (Most * ITeam.MostThreads) + Most;

    private const int Results = Most * ITeam.MostThreads;

    /// <summary>Puts this thread's part of a sum.</summary>
    public static void Put(ArrayView<double> room, int sum, double part) => room[(sum * ITeam.MostThreads) + Group.IdxX] = part;

    /// <summary>Adds up the parts of the first <paramref name="count"/> sums, each by one thread.</summary>
    public static void Join(ArrayView<double> room, int count)
    {
        Group.Barrier();
        for (int sum = Group.IdxX; sum < count; sum += Group.DimX)
        {
            double total = 0;
            for (int thread = 0; thread < Group.DimX; thread++)
                total += room[(sum * ITeam.MostThreads) + thread];
            room[Results + sum] = total;
        }

        Group.Barrier();
    }

    /// <summary>A sum, after a join.</summary>
    public static double Take(ArrayView<double> room, int sum) => room[Results + sum];

    /// <summary>The largest of what the threads hold, the same in all of them.</summary>
    public static float Largest(ArrayView<double> room, float value)
    {
        Put(room, 0, value);
        Group.Barrier();
        for (int thread = 0; thread < Group.DimX; thread++)
            value = Math.Max(value, (float)room[thread]);
        Group.Barrier();
        return value;
    }

    /// <summary>The smallest of what the threads hold, the same in all of them.</summary>
    public static float Smallest(ArrayView<double> room, float value)
    {
        Put(room, 0, value);
        Group.Barrier();
        for (int thread = 0; thread < Group.DimX; thread++)
            value = Math.Min(value, (float)room[thread]);
        Group.Barrier();
        return value;
    }
}
