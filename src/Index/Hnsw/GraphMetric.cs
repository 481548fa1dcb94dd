using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace KernelPolicy.Index;

/// <summary>
/// How near two nodes are for the choice of links; larger is nearer, and s(a, b) = s(b, a) bit for bit.
/// </summary>
/// <remarks>
/// Distances are taken from inner products and norms, −|a−b|²/2 = a·b − |a|²/2 − |b|²/2, without a copy of the items.
/// The added dimension costs −(d_a − d_b)²/2 with d = √(max² − |b|²): written as a difference, since a·b + d_a·d_b
/// would drown a·b of ordinary items in max² where norms are heavy-tailed.
/// </remarks>
internal sealed unsafe class GraphMetric
{
    private readonly NodeVectors _vectors;
    private readonly Term[] _terms;
    private readonly Term* _pinned;
    private readonly bool _angular;

    /// <summary>Prepares the terms of every node.</summary>
    public GraphMetric(HnswMetric kind, NodeVectors vectors, ItemNorms norms)
    {
        _vectors = vectors;
        _angular = kind == HnswMetric.Angular;
        ReadOnlySpan<int> itemOf = vectors.ItemOf;
        // Pinned, so that a term can be asked for ahead of its use.
        _terms = kind == HnswMetric.InnerProduct ? [] : GC.AllocateArray<Term>(itemOf.Length, pinned: true);
        _pinned = _terms.Length == 0 ? null : (Term*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_terms));
        for (int node = 0; node < _terms.Length; node++)
        {
            float square = norms.Squares[itemOf[node]];
            _terms[node] = kind switch
            {
                HnswMetric.Angular => new Term(square > 0 ? 1 / MathF.Sqrt(square) : 0, 0),
                HnswMetric.NormAugmented => new Term(0.5f * square, MathF.Sqrt(norms.LargestSquare - square)),
                _ => new Term(0.5f * square, 0),
            };
        }
    }

    /// <summary>What nodes are scored by.</summary>
    public NodeVectors Vectors => _vectors;

    /// <summary>Asks for what a node is scored by, ahead of its use.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(int node)
    {
        _vectors.Prefetch(node);
        if (_pinned != null && Sse.IsSupported)
            Sse.Prefetch0(_pinned + node);
    }

    /// <summary>Scores <paramref name="others"/> by their nearness to <paramref name="node"/>, whose query
    /// <paramref name="query"/> is.</summary>
    public void Score(NodeQuery query, int node, ReadOnlySpan<int> others, Span<float> scores)
    {
        _vectors.Score(query, others, scores);
        Term[] terms = _terms;
        if (terms.Length == 0)
            return;
        Term own = terms[node];
        if (_angular)
        {
            for (int i = 0; i < others.Length; i++)
                scores[i] *= own.First * terms[others[i]].First;
            return;
        }

        for (int i = 0; i < others.Length; i++)
        {
            Term other = terms[others[i]];
            float gap = own.Added - other.Added;
            scores[i] = scores[i] - (own.First + other.First) - (0.5f * gap * gap);
        }
    }

    /// <summary>|b|²/2, or 1/|b| for angles; and the added dimension.</summary>
    private readonly record struct Term(float First, float Added);
}
