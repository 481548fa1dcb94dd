using ILGPU;

namespace KernelPolicy.Kernels.Ilgpu;

/// <summary>How <see cref="CataloguePassKernel"/> divides the catalogue.</summary>
/// <param name="items">P.</param>
/// <param name="dimension">L.</param>
/// <param name="blockItems">Items of a block: a multiple of 8, at most <see cref="MostBlockItems"/>.</param>
/// <param name="pieceBlocks">Blocks that a group takes.</param>
/// <param name="queries">B.</param>
internal readonly struct CatalogueShape(int items, int dimension, int blockItems, int pieceBlocks, int queries)
{
    /// <summary>Room for the scores of a block.</summary>
    public const int MostBlockItems = 256;

    /// <summary>Queries that a group scores at once: two panels.</summary>
    public const int Width = 2 * Panels.Width;

    /// <summary>P.</summary>
    public int Items { get; } = items;

    /// <summary>L.</summary>
    public int Dimension { get; } = dimension;

    /// <summary>Items of a block.</summary>
    public int BlockItems { get; } = blockItems;

    /// <summary>Blocks that a group takes.</summary>
    public int PieceBlocks { get; } = pieceBlocks;

    /// <summary>B.</summary>
    public int Queries { get; } = queries;

    /// <summary>Blocks of the catalogue.</summary>
    public int Blocks => (Items + BlockItems - 1) / BlockItems;

    /// <summary>Groups over the catalogue.</summary>
    public int Pieces => (Blocks + PieceBlocks - 1) / PieceBlocks;

    /// <summary>Sets of <see cref="Width"/> queries.</summary>
    public int Sets => (Queries + Width - 1) / Width;

    /// <summary>Numbers of one group's sums: m, Σ e^{f−m}, Σ e^{f−m} β, a query a lane.</summary>
    public long SumNumbers => (2L + Dimension) * Width;

    /// <summary>Where the sums of a piece begin.</summary>
    public long Place(int piece, int set) => (((long)piece * Sets) + set) * SumNumbers;
}

/// <summary>Weights of the whole catalogue, kept so that items can be drawn from π: the O(B·P) memory that only the
/// REINFORCE baseline pays.</summary>
/// <param name="weights">e^{f−m} [sets, P, 32], m being that of the block.</param>
/// <param name="maxima">m [sets, blocks, 32].</param>
/// <param name="sums">Σ e^{f−m} [sets, blocks, 32].</param>
internal readonly struct KeptWeights(ArrayView<float> weights, ArrayView<float> maxima, ArrayView<float> sums)
{
    /// <summary>e^{f−m}.</summary>
    public ArrayView<float> Weights { get; } = weights;

    /// <summary>m of the blocks.</summary>
    public ArrayView<float> Maxima { get; } = maxima;

    /// <summary>Σ e^{f−m} of the blocks.</summary>
    public ArrayView<float> Sums { get; } = sums;
}

/// <summary>Whether weights are kept.</summary>
internal interface IWeightKeeping
{
    /// <summary>Whether they are.</summary>
    static abstract bool Keeps { get; }
}

/// <summary>They are.</summary>
internal readonly struct KeepAll : IWeightKeeping
{
    /// <inheritdoc/>
    public static bool Keeps => true;
}

/// <summary>They are not.</summary>
internal readonly struct KeepNone : IWeightKeeping
{
    /// <inheritdoc/>
    public static bool Keeps => false;
}
