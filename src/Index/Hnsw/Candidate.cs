using System.Runtime.CompilerServices;

namespace KernelPolicy.Index;

/// <summary>
/// A scored node in one word, so that better means larger: the score's bits in an order-preserving form, then the node
/// counted down (ties go to the smaller), then one bit that says whether the node's links have been followed.
/// </summary>
internal static class Candidate
{
    /// <summary>Set where the node's links have been followed. The lowest bit: it never decides an order.</summary>
    public const ulong Followed = 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Pack(float score, int node)
    {
        // −0 + 0 is +0: both zeros tie.
        int bits = BitConverter.SingleToInt32Bits(score + 0f);
        uint ordered = (uint)(bits ^ ((bits >> 31) | int.MinValue));
        return ((ulong)ordered << 32) | ((uint)(int.MaxValue - node) << 1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Node(ulong candidate) => int.MaxValue - (int)((uint)candidate >> 1);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Score(ulong candidate)
    {
        int ordered = (int)(candidate >> 32);
        return BitConverter.Int32BitsToSingle(ordered ^ (~(ordered >> 31) | int.MinValue));
    }
}
