using System.Runtime.InteropServices;

namespace KernelPolicy.Kernels;

/// <summary>
/// Queries H [B, L] transposed in panels: panel p holds Hᵀ [L, W] of queries pW to pW + W − 1, one query a lane, W = two
/// vectors. Lanes without a query are zero.
/// </summary>
/// <remarks>
/// With queries in the lanes, the scores of an item come out of the product side by side, with no sum across lanes, and
/// are compared with all queries' thresholds at once.
/// </remarks>
internal sealed unsafe class QueryPanels : IDisposable
{
    private float* _data;
    private long _capacity;

    /// <summary>Frees memory that nobody disposed.</summary>
    ~QueryPanels() => Free();

    /// <summary>W: queries in a panel.</summary>
    public static int Width => SimdPath.Width / 32 * 2;

    /// <summary>Number of panels.</summary>
    public int Count { get; private set; }

    /// <summary>L.</summary>
    public int Dimension { get; private set; }

    /// <summary>Hᵀ [L, W] of one panel.</summary>
    public float* this[int panel] => _data + ((long)panel * Dimension * Width);

    /// <summary>Panels needed for <paramref name="queries"/> queries.</summary>
    public static int PanelsFor(int queries) => (queries + Width - 1) / Width;

    /// <summary>Packs the first <paramref name="queries"/> rows of H.</summary>
    public void Pack(Matrix h, int queries) => Pack(h, queries, []);

    /// <summary>Packs the rows of H named in <paramref name="chosen"/>.</summary>
    public void Pack(Matrix h, ReadOnlySpan<int> chosen) => Pack(h, chosen.Length, chosen);

    private void Pack(Matrix h, int queries, ReadOnlySpan<int> chosen)
    {
        Count = PanelsFor(queries);
        Dimension = h.Columns;
        int width = Width;
        long floats = (long)Count * Dimension * width;
        if (floats > _capacity)
        {
            Free();
            _data = (float*)NativeMemory.AlignedAlloc((nuint)(floats * sizeof(float)), 64);
            _capacity = floats;
        }

        NativeMemory.Clear(_data, (nuint)(floats * sizeof(float)));
        for (int query = 0; query < queries; query++)
        {
            float* source = h.RowPointer(chosen.IsEmpty ? query : chosen[query]);
            float* lane = this[query / width] + (query % width);
            for (int l = 0; l < Dimension; l++)
                lane[(long)l * width] = source[l];
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        NativeMemory.AlignedFree(_data);
        _data = null;
        _capacity = 0;
    }
}
