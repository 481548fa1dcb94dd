using System.Runtime.CompilerServices;

namespace KernelPolicy.Kernels;

/// <summary>
/// Philox4x32-10, a counter-based generator (Salmon et al., Random123, SC 2011): a pure function from a 128-bit counter
/// and a 64-bit key to 128 random bits.
/// </summary>
/// <remarks>
/// Every draw of the project is named by (seed, step, context, draw), so that it does not depend on the thread that
/// makes it, on the order of the batch, or on the path (SIMD, OpenCL, CUDA) that runs.
/// </remarks>
public static class Philox
{
    private const uint Multiplier0 = 0xD2511F53;
    private const uint Multiplier1 = 0xCD9E8D57;
    private const uint Weyl0 = 0x9E3779B9;
    private const uint Weyl1 = 0xBB67AE85;

    /// <summary>128 random bits as four words.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (uint W0, uint W1, uint W2, uint W3) Block(
        uint c0, uint c1, uint c2, uint c3, uint key0, uint key1)
    {
        for (int round = 0; round < 10; round++)
        {
            ulong p0 = (ulong)Multiplier0 * c0;
            ulong p1 = (ulong)Multiplier1 * c2;
            uint n0 = (uint)(p1 >> 32) ^ c1 ^ key0;
            uint n2 = (uint)(p0 >> 32) ^ c3 ^ key1;
            c1 = (uint)p1;
            c3 = (uint)p0;
            c0 = n0;
            c2 = n2;
            key0 += Weyl0;
            key1 += Weyl1;
        }

        return (c0, c1, c2, c3);
    }
}
