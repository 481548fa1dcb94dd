using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace KernelPolicy.Kernels;

/// <summary>Asks the processor to fetch rows that a gather will read soon.</summary>
internal static unsafe class Prefetch
{
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
}
