using KernelPolicy.Kernels;

namespace KernelPolicy.Index;

/// <summary>
/// How near two items are for the choice of links; larger is nearer, and s(a, b) = s(b, a) bit for bit.
/// </summary>
/// <remarks>
/// Distances are taken from inner products and norms, −|a−b|²/2 = a·b − |a|²/2 − |b|²/2, without a copy of the items.
/// The added dimension costs −(d_a − d_b)²/2 with d = √(max² − |b|²): written as a difference, since a·b + d_a·d_b
/// would drown a·b of ordinary items in max² where norms are heavy-tailed.
/// </remarks>
internal sealed unsafe class GraphMetric
{
    private const int RowsAPiece = 4096;

    private readonly Matrix _items;
    private readonly float[] _squares;
    private readonly Term[] _terms;

    private GraphMetric(Matrix items, float[] squares, Term[] terms, double normVariation)
    {
        _items = items;
        _squares = squares;
        _terms = terms;
        NormVariation = normVariation;
    }

    /// <summary>Standard deviation of the norms over their mean.</summary>
    public double NormVariation { get; }

    /// <summary>Squared norms [P].</summary>
    public ReadOnlySpan<float> Squares => _squares;

    /// <summary>Prepares the terms of every item.</summary>
    /// <exception cref="ArgumentException">An item holds a number that is not finite, or its norm overflows.</exception>
    public static GraphMetric Create(HnswMetric kind, Matrix items, WorkerTeam team)
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

        Term[] terms = kind == HnswMetric.InnerProduct ? [] : new Term[squares.Length];
        for (int item = 0; item < terms.Length; item++)
        {
            float added = kind == HnswMetric.NormAugmented ? MathF.Sqrt(largest - squares[item]) : 0;
            terms[item] = new Term(0.5f * squares[item], added);
        }

        double mean = sum / squares.Length;
        double variance = Math.Max((sumOfSquares / squares.Length) - (mean * mean), 0);
        return new GraphMetric(items, squares, terms, mean > 0 ? Math.Sqrt(variance) / mean : 0);
    }

    /// <summary>Scores <paramref name="others"/> by their nearness to <paramref name="item"/>.</summary>
    public void Score(int item, ReadOnlySpan<int> others, Span<float> scores)
    {
        RowScores.Gather(_items.RowPointer(item), _items, others, scores);
        Term[] terms = _terms;
        if (terms.Length == 0)
            return;
        Term own = terms[item];
        for (int i = 0; i < others.Length; i++)
        {
            Term other = terms[others[i]];
            float gap = own.Added - other.Added;
            scores[i] = scores[i] - (own.HalfSquare + other.HalfSquare) - (0.5f * gap * gap);
        }
    }

    private readonly record struct Term(float HalfSquare, float Added);

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
