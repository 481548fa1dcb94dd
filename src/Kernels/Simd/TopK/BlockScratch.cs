using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace KernelPolicy.Kernels;

/// <summary>
/// One worker's block of scores, and the places in it whose scores reach a threshold.
/// </summary>
/// <remarks>
/// Places are named first and offered to lists afterwards, two loops without a branch that a processor would predict
/// wrongly for each candidate.
/// </remarks>
internal sealed unsafe class BlockScratch : IDisposable
{
    // Of 64 scores, so many places are written at once, wanted or not: seldom are there more.
    private const int Together = 4;

    private int _lastNamed;

    /// <summary>Makes room for <paramref name="items"/> rows of the widest panel.</summary>
    public BlockScratch(int items)
    {
        int places = items * 32;
        Scores = (float*)NativeMemory.AlignedAlloc((nuint)(places * sizeof(float)), 64);
        Named = (ushort*)NativeMemory.AlignedAlloc((nuint)((places + Together) * sizeof(ushort)), 64);
    }

    /// <summary>Frees memory that nobody disposed.</summary>
    ~BlockScratch() => Free();

    /// <summary>Scores: of a panel [rows, width], or of each query in turn [rows].</summary>
    public float* Scores { get; private set; }

    /// <summary>Places in <see cref="Scores"/>.</summary>
    public ushort* Named { get; private set; }

    /// <summary>Names the scores of a panel [rows, width] that reach their lane's threshold [width]; returns how
    /// many.</summary>
    public int NameLanes<TIsa, TVector>(int rows, ReadOnlySpan<float> thresholds)
        where TIsa : struct, IVectorIsa<TVector>
        where TVector : struct
    {
        fixed (float* t = thresholds)
            return Name<TIsa, TVector>(Scores, rows * 2 * TIsa.Count, TIsa.Load(t), TIsa.Load(t + TIsa.Count));
    }

    /// <summary>Names, counted from <paramref name="scores"/>, those of one query [rows] that reach its threshold; returns
    /// how many.</summary>
    public int NameItems<TIsa, TVector>(float* scores, int rows, float threshold)
        where TIsa : struct, IVectorIsa<TVector>
        where TVector : struct
    {
        int whole = rows / (2 * TIsa.Count) * 2 * TIsa.Count;
        TVector t = TIsa.Broadcast(threshold);
        int count = Name<TIsa, TVector>(scores, whole, t, t);
        for (int place = whole; place < rows; place++)
        {
            Named[count] = (ushort)place;
            count += scores[place] >= threshold ? 1 : 0;
        }

        return count;
    }

    private int Name<TIsa, TVector>(float* scores, int places, TVector even, TVector odd)
        where TIsa : struct, IVectorIsa<TVector>
        where TVector : struct
    {
        ushort* named = Named;
        int w = TIsa.Count, place = 0;

        // Where every third or more has a place to name, nobody can predict which has none.
        bool dense = _lastNamed * 3 * 64 > places;
        for (; place + 64 <= places; place += 64)
        {
            ulong reached = 0;
            for (int i = 0; i < 64; i += 2 * w)
                reached |= Pair<TIsa, TVector>(scores + place + i, even, odd) << i;
            if (dense || reached != 0)
                named = Name(named, place, reached);
        }

        for (; place < places; place += 2 * w)
            named = Name(named, place, Pair<TIsa, TVector>(scores + place, even, odd));
        return _lastNamed = (int)(named - Named);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Pair<TIsa, TVector>(float* scores, TVector even, TVector odd)
        where TIsa : struct, IVectorIsa<TVector>
        where TVector : struct =>
        TIsa.GreaterOrEqualMask(TIsa.Load(scores), even)
        | ((ulong)TIsa.GreaterOrEqualMask(TIsa.Load(scores + TIsa.Count), odd) << TIsa.Count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ushort* Name(ushort* named, int place, ulong reached)
    {
        ushort* end = named + BitOperations.PopCount(reached);
        do
        {
            // Written out: the compiler does not.
            named[0] = (ushort)(place + BitOperations.TrailingZeroCount(reached));
            reached &= reached - 1;
            named[1] = (ushort)(place + BitOperations.TrailingZeroCount(reached));
            reached &= reached - 1;
            named[2] = (ushort)(place + BitOperations.TrailingZeroCount(reached));
            reached &= reached - 1;
            named[3] = (ushort)(place + BitOperations.TrailingZeroCount(reached));
            reached &= reached - 1;
            named += Together;
        }
        while (reached != 0);
        return end;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        NativeMemory.AlignedFree(Scores);
        NativeMemory.AlignedFree(Named);
        Scores = null;
        Named = null;
    }
}
