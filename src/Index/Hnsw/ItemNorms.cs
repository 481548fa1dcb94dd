using KernelPolicy.Kernels;

namespace KernelPolicy.Index;

/// <summary>The norms of the items, which decide what a graph of inner products is worth.</summary>
internal sealed unsafe class ItemNorms
{
    private const int RowsAPiece = 4096;

    private ItemNorms(float[] squares, float largestSquare, double variation)
    {
        Squares = squares;
        LargestSquare = largestSquare;
        Variation = variation;
    }

    /// <summary>Squared norms [P].</summary>
    public float[] Squares { get; }

    public float LargestSquare { get; }

    /// <summary>Coefficient of variation: standard deviation of the norms over their mean.</summary>
    public double Variation { get; }

    /// <summary>Takes the norms of all items.</summary>
    /// <exception cref="ArgumentException">An item holds a number that is not finite, or its norm overflows.</exception>
    public static ItemNorms Of(Matrix items, WorkerTeam team)
    {
        NormWork work = new(items);
        team.Run(work, (int)((items.Rows + RowsAPiece - 1) / RowsAPiece));
        float[] squares = work.Squares;
        float largest = 0;
        double sum = 0, sumOfSquares = 0;
        for (int item = 0; item < squares.Length; item++)
        {
            if (!float.IsFinite(squares[item]))
                throw new ArgumentException(
                    $"Item {item} holds a number that is not finite, or its squared norm exceeds a float.", nameof(items));
            largest = Math.Max(largest, squares[item]);
            sum += Math.Sqrt(squares[item]);
            sumOfSquares += squares[item];
        }

        double mean = sum / squares.Length;
        double variance = Math.Max((sumOfSquares / squares.Length) - (mean * mean), 0);
        return new ItemNorms(squares, largest, mean > 0 ? Math.Sqrt(variance) / mean : 0);
    }

    private sealed class NormWork(Matrix items) : IParallelWork
    {
        public float[] Squares { get; } = new float[items.Rows];

        public void Execute(int index, int worker)
        {
            int end = (int)Math.Min(items.Rows, (index + 1L) * RowsAPiece);
            for (int item = index * RowsAPiece; item < end; item++)
            {
                float* row = items.RowPointer(item);
                Squares[item] = RowScores.Dot(row, row, items.Stride);
            }
        }
    }
}
