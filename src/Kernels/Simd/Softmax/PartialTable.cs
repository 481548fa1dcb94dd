namespace KernelPolicy.Kernels;

/// <summary>Where the <see cref="PartialSums"/> of a pass lie: [pieces, panels].</summary>
/// <param name="memory">The sums of the first piece and panel.</param>
/// <param name="pieces">Ranges of the catalogue.</param>
/// <param name="panels">Panels of queries.</param>
/// <param name="dimension">L.</param>
/// <param name="width">W: queries in a panel.</param>
/// <param name="rewarded">Whether there are sums of rewarded items.</param>
internal readonly unsafe struct PartialTable(float* memory, int pieces, int panels, int dimension, int width, bool rewarded)
{
    public int Pieces => pieces;

    public int Panels => panels;

    public int Dimension => dimension;

    public int Width => width;

    public bool Rewarded => rewarded;

    /// <summary>The sums of one piece for one panel.</summary>
    public PartialSums this[int piece, int panel] => PartialSums.At(
        memory + ((((long)piece * panels) + panel) * PartialSums.Floats(dimension, width, rewarded)), dimension, width, rewarded);

    /// <summary>Floats that a table takes.</summary>
    public static long Floats(int pieces, int panels, int dimension, int width, bool rewarded) =>
        (long)pieces * panels * PartialSums.Floats(dimension, width, rewarded);
}
