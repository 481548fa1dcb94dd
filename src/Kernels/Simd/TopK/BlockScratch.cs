using System.Numerics;
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
    // Written at once for each row or vector, wanted or not: seldom are more named in one.
    private const int Together = 4;

    /// <summary>Makes room for <paramref name="items"/> rows of the widest panel.</summary>
    public BlockScratch(int items)
    {
        int places = items * 32;
        Scores = (float*)NativeMemory.AlignedAlloc((nuint)(places * sizeof(float)), 64);
        Named = (ushort*)NativeMemory.AlignedAlloc((nuint)((places + Together) * sizeof(ushort)), 64);
    }

    /// <summary>Frees memory that nobody disposed.</summary>
    ~BlockScratch() => Free();

    /// <summary>Scores: of a panel [rows, width], or of one query [rows].</summary>
    public float* Scores { get; private set; }

    /// <summary>Places in <see cref="Scores"/>.</summary>
    public ushort* Named { get; private set; }

    /// <summary>Names the scores of a panel [rows, width] that reach their lane's threshold [width]; returns how
    /// many.</summary>
    public int NameLanes<TIsa, TVector>(int rows, ReadOnlySpan<float> thresholds)
        where TIsa : struct, IVectorIsa<TVector>
        where TVector : struct
    {
        int width = 2 * TIsa.Count;
        float* scores = Scores;
        ushort* named = Named;
        fixed (float* t = thresholds)
        {
            TVector t0 = TIsa.Load(t), t1 = TIsa.Load(t + TIsa.Count);
            for (int place = 0; place < rows * width; place += width)
            {
                uint reached = TIsa.GreaterOrEqualMask(TIsa.Load(scores + place), t0)
                    | (TIsa.GreaterOrEqualMask(TIsa.Load(scores + place + TIsa.Count), t1) << TIsa.Count);
                if (reached != 0)
                    named = Name(named, place, reached);
            }
        }

        return (int)(named - Named);
    }

    /// <summary>Names the scores of one query [rows] that reach its threshold; returns how many.</summary>
    public int NameItems<TIsa, TVector>(int rows, float threshold)
        where TIsa : struct, IVectorIsa<TVector>
        where TVector : struct
    {
        ushort* named = Named;
        TVector t = TIsa.Broadcast(threshold);
        int place = 0;
        for (; place + TIsa.Count <= rows; place += TIsa.Count)
        {
            uint reached = TIsa.GreaterOrEqualMask(TIsa.Load(Scores + place), t);
            if (reached != 0)
                named = Name(named, place, reached);
        }

        for (; place < rows; place++)
        {
            *named = (ushort)place;
            named += Scores[place] >= threshold ? 1 : 0;
        }

        return (int)(named - Named);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private static ushort* Name(ushort* named, int place, uint reached)
    {
        ushort* end = named + BitOperations.PopCount(reached);
        do
        {
            for (int i = 0; i < Together; i++, reached &= reached - 1)
                named[i] = (ushort)(place + BitOperations.TrailingZeroCount(reached));
            named += Together;
        }
        while (reached != 0);
        return end;
    }

    private void Free()
    {
        NativeMemory.AlignedFree(Scores);
        NativeMemory.AlignedFree(Named);
        Scores = null;
        Named = null;
    }
}
