using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace KernelPolicy.Kernels;

/// <summary>Asks the processor to fetch rows that a gather will read soon.</summary>
internal static unsafe class Prefetch
{
    /// <summary>How many rows ahead of the current one a gather starts loads: enough for the latency of memory.</summary>
    public const int Ahead = 12;

    /// <summary>Starts the loads of the rows of items <paramref name="from"/> to <paramref name="to"/> − 1 of a list of
    /// <paramref name="n"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Rows(float* table, int stride, int* items, int from, int to, int n)
    {
        for (int j = from; j < Math.Min(n, to); j++)
            Row(table + ((long)items[j] * stride), stride);
    }

    /// <summary>Starts the loads of a whole row of <paramref name="stride"/> floats. Nothing where there is no such
    /// instruction.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Row(float* row, int stride)
    {
        if (!Sse.IsSupported)
            return;
        for (int i = 0; i < stride; i += Matrix.PadUnit)
            Sse.Prefetch0(row + i);
    }

    /// <summary>Starts the loads of <paramref name="bytes"/> into the second-level cache: for what is read in order, and so
    /// far ahead that the first level would have dropped it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Stream(byte* start, nint bytes)
    {
        if (!Sse.IsSupported)
            return;
        for (nint at = 0; at < bytes; at += 64)
            Sse.Prefetch1(start + at);
    }
}
