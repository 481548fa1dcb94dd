using System.Runtime.CompilerServices;

namespace KernelPolicy.Kernels;

/// <summary>The draws 0, 1, 2, … of one <see cref="RandomDraws"/> in turn, for uses that do not know how many they need.</summary>
/// <remarks>A value that changes: hand it on by reference. After 2^32 draws it begins again.</remarks>
public struct DrawSequence(RandomDraws draws)
{
    private const double TwoToMinus52 = 1.0 / (1UL << 52);

    private ulong _odd;
    private uint _next;

    /// <summary>The next 64 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Next()
    {
        uint draw = _next++;
        if ((draw & 1) != 0)
            return _odd;
        (ulong even, _odd) = draws.Pair(draw >> 1);
        return even;
    }

    /// <summary>The next integer in [0, <paramref name="bound"/>).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Below(int bound) => RandomDraws.ToBelow(Next(), bound);

    /// <summary>The next number strictly between 0 and 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public double Open() => ToOpenUnit(Next());

    /// <summary>64 bits as one of 2^52 numbers (m + ½)/2^52, none of which is 0 or 1 and none of which is rounded: logarithms of
    /// it, and of 1 less it, are finite.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double ToOpenUnit(ulong bits) => ((bits >> 12) + 0.5) * TwoToMinus52;
}
