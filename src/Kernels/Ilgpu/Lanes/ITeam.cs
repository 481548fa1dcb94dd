using ILGPU;
using ILGPU.Algorithms;
using ILGPU.Algorithms.ScanReduceOperations;

namespace KernelPolicy.Kernels.Ilgpu;

/// <summary>How threads of a group work together: as teams that read one row of a table, each thread every
/// <see cref="Size"/>-th piece of it, and all of them to count.</summary>
/// <remarks>Every thread of the group must take part in each method.</remarks>
internal interface ITeam
{
    /// <summary>The most threads of a group.</summary>
    const int MostThreads = 256;

    /// <summary>Threads of a team; a power of two.</summary>
    static abstract int Size { get; }

    /// <summary>
    /// Asks for a row that will be read soon, where that helps: many rows that are asked for one after the other come at once.
    /// </summary>
    /// <returns>A number without meaning, to be used in a way that no compiler sees to be none.</returns>
    static abstract int Touch<TTable>(TTable table, long row)
        where TTable : struct, ITable;

    /// <summary>Adds up what the threads of a team hold, and keeps it as sum <paramref name="index"/> of the group.</summary>
    static abstract void Keep<TLanes>(ArrayView<float> sums, int index, bool isMeant, TLanes value)
        where TLanes : unmanaged, ILanes<TLanes>;

    /// <summary>A sum that was kept, after a barrier.</summary>
    static abstract float Kept<TLanes>(ArrayView<float> sums, int index)
        where TLanes : unmanaged, ILanes<TLanes>;

    /// <summary>The sum of a count over the threads of the group, the same in all of them.</summary>
    static abstract int GroupSum(int count);

    /// <summary>The sum of a count over the threads of the group before this one.</summary>
    static abstract int GroupSumBefore(int count);
}

/// <summary>One thread reads the whole row: for processors, where a thread is a core and its registers are vectors, and for
/// graphics processors whose threads cannot exchange registers.</summary>
/// <remarks>The group functions of OpenCL are passed by: PoCL 6 compiles them to code that does not load.</remarks>
internal readonly struct OneThread : ITeam
{
    /// <inheritdoc/>
    public static int Size => 1;

    /// <inheritdoc/>
    /// <remarks>A number of each line of 64 bytes. A processor looks only so many instructions ahead; of those that score a
    /// row, too few rows fit.</remarks>
    public static int Touch<TTable>(TTable table, long row)
        where TTable : struct, ITable
    {
        int bits = 0;
        for (int l = 0; l < table.Stride; l += Matrix.PadUnit)
            bits += table.Bits(row + l);
        return bits;
    }

    /// <inheritdoc/>
    /// <remarks>The lanes go to memory as they are, to be added up later: compilers for processors look for neighbours that
    /// are stored together, and only where they find some make vectors of all that led to them.</remarks>
    public static void Keep<TLanes>(ArrayView<float> sums, int index, bool isMeant, TLanes value)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        if (isMeant)
            TLanes.Store(sums, index * TLanes.Count, value);
    }

    /// <inheritdoc/>
    public static float Kept<TLanes>(ArrayView<float> sums, int index)
        where TLanes : unmanaged, ILanes<TLanes> => TLanes.Sum(TLanes.Load(sums, index * TLanes.Count));

    /// <inheritdoc/>
    public static int GroupSum(int count) => SumOfFirst(count, Group.DimX);

    /// <inheritdoc/>
    public static int GroupSumBefore(int count) => SumOfFirst(count, Group.IdxX);

    private static int SumOfFirst(int count, int threads)
    {
        ArrayView<int> counts = SharedMemory.Allocate<int>(ITeam.MostThreads);
        counts[Group.IdxX] = count;
        Group.Barrier();
        int sum = 0;
        for (int thread = 0; thread < threads; thread++)
            sum += counts[thread];
        Group.Barrier();
        return sum;
    }
}

/// <summary>Eight neighbours of a warp read 128 bytes of the row at once, and add up by exchanging registers: for graphics
/// processors.</summary>
internal readonly struct EightOfWarp : ITeam
{
    /// <inheritdoc/>
    public static int Size => 8;

    /// <inheritdoc/>
    /// <remarks>Does nothing: other warps work while one waits.</remarks>
    public static int Touch<TTable>(TTable table, long row)
        where TTable : struct, ITable => 0;

    /// <inheritdoc/>
    public static void Keep<TLanes>(ArrayView<float> sums, int index, bool isMeant, TLanes value)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        float sum = TLanes.Sum(value);
        sum += Warp.ShuffleXor(sum, 4);
        sum += Warp.ShuffleXor(sum, 2);
        sum += Warp.ShuffleXor(sum, 1);
        if (isMeant && Group.IdxX % Size == 0)
            sums[index] = sum;
    }

    /// <inheritdoc/>
    public static float Kept<TLanes>(ArrayView<float> sums, int index)
        where TLanes : unmanaged, ILanes<TLanes> => sums[index];

    /// <inheritdoc/>
    public static int GroupSum(int count)
    {
        int sum = GroupExtensions.AllReduce<int, AddInt32>(count);
        Group.Barrier();
        return sum;
    }

    /// <inheritdoc/>
    public static int GroupSumBefore(int count)
    {
        int sum = GroupExtensions.ExclusiveScan<int, AddInt32>(count);
        Group.Barrier();
        return sum;
    }
}
