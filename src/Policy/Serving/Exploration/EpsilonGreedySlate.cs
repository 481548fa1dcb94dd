using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>
/// Slates by ε-greedy: at each place, with chance ε a uniform draw from the m items that are left, else the best of them. The
/// propensity, ε/m + (1 − ε)·1[best], is exact.
/// </summary>
/// <remarks>The best is the best of what was retrieved: where an index missed a better one, that is the rule's choice all the same, and
/// the propensity is still exact. Not thread-safe: one a worker.</remarks>
internal sealed unsafe class EpsilonGreedySlate(Matrix items, double epsilon, int headCapacity)
{
    private readonly TailSampler _sampler = new(1);
    private readonly bool[] _taken = new bool[headCapacity];

    public ExplorationReport Fill<TSet>(
        float* h, in TSet allowed, CandidateHead head, in ExplorationDraws draws, Span<ExploredItem> slate)
        where TSet : struct, IItemSet
    {
        int tailItems = head.Outside, all = head.Count + tailItems, best = 0, count = Math.Min(slate.Length, all);
        if (head.Count < count)
            throw new ArgumentException(
                $"{head.Count} of the items retrieved may be shown, too few for {count} places: retrieve as many as there are places and excluded items.",
                nameof(head));
        _taken.AsSpan(0, head.Count).Clear();
        for (int i = 0; i < count; i++)
        {
            while (_taken[best])
                best++;
            RandomDraws choice = draws.Choice(i);
            int position = best, item = head.Items[best];
            if (choice.Uniform(0) < epsilon)
                (position, item) = Uniform(allowed, head, choice, draws.Uniform(i));
            double propensity = (epsilon / (all - i)) + (position == best ? 1 - epsilon : 0);
            float score;
            if (position < 0)
            {
                head.Add(item);
                score = RowScores.Dot(h, items.RowPointer(item), items.Stride);
            }
            else
            {
                _taken[position] = true;
                score = head.Scores[position];
            }

            slate[i] = new ExploredItem(item, score, propensity, Math.Log(propensity), 0, position < 0);
        }

        return new ExplorationReport(count, head.Count, tailItems, 0, 0, 0);
    }

    /// <summary>A uniform draw from what is left: ranks of head items that were taken are drawn again.</summary>
    private (int Position, int Item) Uniform<TSet>(in TSet allowed, CandidateHead head, RandomDraws choice, RandomDraws tail)
        where TSet : struct, IItemSet
    {
        int all = head.Count + head.Outside;
        for (uint draw = 1; ; draw++)
        {
            int rank = choice.Below(draw, all);
            if (rank < head.Count)
            {
                if (!_taken[rank])
                    return (rank, head.Items[rank]);
                continue;
            }

            int item = 0;
            _sampler.Begin(allowed, head, 1, tail);
            _sampler.Next(allowed, head, new Span<int>(ref item));
            return (-1, item);
        }
    }
}
