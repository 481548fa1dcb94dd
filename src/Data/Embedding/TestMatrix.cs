using KernelPolicy.Kernels;

namespace KernelPolicy.Data;

/// <summary>Fills the random test matrix of the range finder with draws uniform in (−1, 1).</summary>
/// <remarks>Any continuous distribution of mean zero finds the range; the uniform one needs no logarithm. Draws are named
/// by (seed, row, column), so threads do not matter.</remarks>
internal sealed class TestMatrix : IParallelWork
{
    private const int RowsPerPiece = 1024;
    private const float TwoToMinus23 = 1f / (1 << 23);

    private readonly Matrix _matrix;
    private readonly ulong _seed;

    private TestMatrix(Matrix matrix, ulong seed)
    {
        _matrix = matrix;
        _seed = seed;
    }

    /// <summary>Overwrites the table.</summary>
    public static void Fill(Matrix matrix, ulong seed, WorkerTeam team) =>
        team.Run(new TestMatrix(matrix, seed), (int)((matrix.Rows + RowsPerPiece - 1) / RowsPerPiece));

    /// <inheritdoc/>
    public void Execute(int index, int worker)
    {
        long end = Math.Min((long)(index + 1) * RowsPerPiece, _matrix.Rows);
        for (long row = (long)index * RowsPerPiece; row < end; row++)
        {
            RandomDraws draws = new(_seed, RandomPurpose.RangeFinder, 0, (int)row);
            Span<float> values = _matrix.Row(row);
            for (int j = 0; j < values.Length; j++)
                values[j] = ((int)(draws.Bits((uint)j) >> 40) - (1 << 23) + 0.5f) * TwoToMinus23;
        }
    }
}
