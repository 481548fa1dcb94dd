using System.Runtime.CompilerServices;

namespace KernelPolicy.Kernels;

/// <summary>
/// A score and its item as one 64-bit key whose order is "larger score first, then smaller item": the larger key is the
/// better answer. A total order, so that the top K is one set however the catalogue is divided.
/// </summary>
public static class ScoredItem
{
    /// <summary>The key of an item with a score that is not NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Key(float score, int item)
    {
        // Adding zero makes −0 into +0, which must tie with it.
        uint bits = BitConverter.SingleToUInt32Bits(score + 0f);
        uint ordered = bits ^ ((uint)((int)bits >> 31) | 0x80000000u);
        return ((ulong)ordered << 32) | ~(uint)item;
    }

    /// <summary>The score in a key.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Score(ulong key)
    {
        uint ordered = (uint)(key >> 32);
        uint bits = ordered ^ ((uint)((int)~ordered >> 31) | 0x80000000u);
        return BitConverter.UInt32BitsToSingle(bits);
    }

    /// <summary>The item in a key.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Item(ulong key) => (int)~(uint)key;

    /// <summary>Rearranges keys so that the largest <paramref name="k"/> come first, in no order.</summary>
    public static void SelectLargest(Span<ulong> keys, int k) => KeySelection.SelectLargest(keys, k);
}
