using KernelPolicy.Kernels;

namespace KernelPolicy.Index;

/// <summary>
/// Second half of a round: every node that was chosen as a neighbour gets links back, and chooses anew where its row
/// would overflow.
/// </summary>
/// <remarks>All links back to one node are one piece of work in a fixed order, so no row has two writers.</remarks>
internal sealed class ReverseLinks : IParallelWork
{
    /// <summary>Nodes inserted in one round at most: what the packed form has bits for.</summary>
    public const int LargestRound = 1 << SourceBits;

    private const int SourceBits = 12;
    private const int LayerShift = 56;
    private const int TargetsAPiece = 32;

    private readonly HnswGraph _graph;
    private readonly GraphMetric _metric;
    private readonly int[] _order;
    private readonly BuildScratch[] _scratches;

    // layer, target, place of the source within the round: sorted, the links back to one node lie together.
    private readonly List<ulong> _links = [];
    private readonly List<int> _targets = [];
    private int _start;

    public ReverseLinks(HnswGraph graph, GraphMetric metric, int[] order, BuildScratch[] scratches)
    {
        _graph = graph;
        _metric = metric;
        _order = order;
        _scratches = scratches;
    }

    /// <summary>Gathers the links of nodes order[start .. start + count).</summary>
    /// <returns>Pieces of work.</returns>
    public int Begin(int start, int count)
    {
        _start = start;
        _links.Clear();
        _targets.Clear();
        for (int source = 0; source < count; source++)
        {
            int node = _order[start + source];
            for (int layer = _graph.Levels[node]; layer >= 0; layer--)
            {
                foreach (int target in _graph.Links(layer, node))
                    _links.Add(((ulong)layer << LayerShift) | ((ulong)target << SourceBits) | (uint)source);
            }
        }

        _links.Sort();
        for (int i = 0; i < _links.Count; i++)
        {
            if (i == 0 || _links[i] >> SourceBits != _links[i - 1] >> SourceBits)
                _targets.Add(i);
        }

        return (_targets.Count + TargetsAPiece - 1) / TargetsAPiece;
    }

    public void Execute(int index, int worker)
    {
        int end = Math.Min(_targets.Count, (index + 1) * TargetsAPiece);
        for (int i = index * TargetsAPiece; i < end; i++)
        {
            int first = _targets[i];
            int last = i + 1 < _targets.Count ? _targets[i + 1] : _links.Count;
            LinkBack(first, last, _scratches[worker]);
        }
    }

    private void LinkBack(int first, int last, BuildScratch scratch)
    {
        int layer = (int)(_links[first] >> LayerShift);
        int target = (int)(_links[first] >> SourceBits) & int.MaxValue;
        LinkTable table = _graph.Table(layer);
        long row = _graph.RowOf(layer, target);
        Span<int> used = table.Used(row);
        Span<int> all = scratch.Nodes.AsSpan(0, used.Length + last - first);
        used.CopyTo(all);
        for (int i = first; i < last; i++)
            all[used.Length + i - first] = _order[_start + (int)(_links[i] & (LargestRound - 1))];
        if (all.Length <= table.Capacity)
        {
            table.Set(row, all);
            return;
        }

        Span<float> scores = scratch.Scores.AsSpan(0, all.Length);
        _metric.Vectors.Set(scratch.Search.Query, target);
        _metric.Score(scratch.Search.Query, target, all, scores);
        Span<ulong> packed = scratch.Packed.AsSpan(0, all.Length);
        for (int i = 0; i < all.Length; i++)
            packed[i] = Candidate.Pack(scores[i], all[i]);
        packed.Sort();
        packed.Reverse();
        table.Set(row, scratch.Selection.Select(packed, table.Capacity, _graph.M));
    }
}
