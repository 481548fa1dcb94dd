using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>What one worker needs to estimate a context by strata: head, tail and their sums.</summary>
internal sealed unsafe class StrataScratch : IDisposable
{
    private readonly EstimatorSetting _setting;
    private readonly Matrix _items;
    private readonly ObjectiveTerms _terms;
    private readonly int[] _drawn;
    private readonly int[] _rows;
    private readonly int[] _kept;
    private readonly float[] _scores;
    private readonly float[] _headRewards;
    private readonly float[] _tailRewards;
    private readonly float[] _coefficients;
    private int _tailRewardCount;

    /// <summary>Makes room for a head and a tail.</summary>
    public StrataScratch(EstimatorSetting setting, CatalogueMoments moments, int headCapacity, int tailCapacity)
    {
        (_setting, _items) = (setting, setting.Items);
        _terms = new ObjectiveTerms(setting, Math.Max(headCapacity, tailCapacity));
        Rewarded = new RewardedItemsSum(setting.Rewards);
        Head = new StrataHead(headCapacity);
        Gradient = new StrataGradient(setting.Items, moments, headCapacity, tailCapacity);
        (_drawn, _rows, _kept) = (new int[tailCapacity], new int[tailCapacity], new int[tailCapacity]);
        _coefficients = setting.Coefficients is null ? [] : new float[Math.Max(headCapacity, tailCapacity)];
        (_scores, _headRewards, _tailRewards) = (new float[tailCapacity], new float[headCapacity], new float[tailCapacity]);
    }

    public StrataHead Head { get; }

    public StrataGradient Gradient { get; }

    /// <summary>What the rewarded items contribute to a log-likelihood.</summary>
    public RewardedItemsSum Rewarded { get; }

    /// <summary>The rewards of the head, the pull to a reference with them.</summary>
    public ReadOnlySpan<float> HeadRewards => _headRewards.AsSpan(0, Head.Count);

    /// <summary>The same of the tail; empty where they are zero throughout.</summary>
    public ReadOnlySpan<float> TailRewards => _tailRewards.AsSpan(0, _tailRewardCount);

    /// <summary>Asks for the rewards of a context's head and tail.</summary>
    /// <param name="context">Which context.</param>
    /// <param name="tail">Its tail.</param>
    /// <param name="drift">h − h_ref, padded; read where the objective pulls to a reference.</param>
    /// <param name="isDense">Whether the tail has rewards.</param>
    public void SetRewards(int context, StrataTail tail, float* drift, bool isDense)
    {
        Fill(context, Head.Items, drift, _headRewards.AsSpan(0, Head.Count));
        _tailRewardCount = isDense ? tail.Count : 0;
        if (isDense)
            Fill(context, tail.Items, drift, _tailRewards.AsSpan(0, tail.Count));
    }

    /// <summary>The draws of a shared tail that fall outside the head.</summary>
    /// <param name="shared">The batch's draws.</param>
    /// <param name="h">The context's projection.</param>
    /// <param name="rescue">Draws of the context's own, for when none of the batch's is outside.</param>
    public StrataTail TailOf(SharedTail shared, float* h, in RandomDraws rescue)
    {
        int kept = 0;
        ReadOnlySpan<int> items = shared.Items;
        for (int j = 0; j < items.Length; j++)
        {
            if (Head.Contains(items[j]))
                continue;
            (_rows[kept], _kept[kept]) = (j, items[j]);
            kept++;
        }

        return kept == 0 && !shared.IsWhole
            ? Rescue(rescue, 0, h)
            : Tail(shared.Rows, _rows.AsSpan(0, kept), _kept.AsSpan(0, kept), h, shared.IsWhole);
    }

    /// <summary>The first <paramref name="count"/> of a sequence of draws, without those that fall in the head; the whole
    /// catalogue where it is no larger.</summary>
    public StrataTail OwnTail(in RandomDraws draws, int count, float* h)
    {
        bool isWhole = count >= _items.Rows;
        Span<int> drawn = _drawn.AsSpan(0, count);
        if (isWhole)
        {
            for (int j = 0; j < count; j++)
                drawn[j] = j;
        }
        else
        {
            UniformProposal.Draw(draws, (int)_items.Rows, drawn);
        }

        int kept = 0;
        foreach (int item in drawn)
        {
            if (!Head.Contains(item))
                _kept[kept++] = item;
        }

        ReadOnlySpan<int> rows = _kept.AsSpan(0, kept);
        return kept == 0 && !isWhole ? Rescue(draws, (uint)count, h) : Tail(_items, rows, rows, h, isWhole);
    }

    /// <summary>Keeps the coefficients of the plain estimate, e^f (r − r̄ − v)/Ẑ for the head and (P − |H|)/l' times that for the
    /// draws.</summary>
    /// <param name="position">Place of the context in its batch.</param>
    /// <param name="kept">Receives them.</param>
    /// <param name="tail">T, whose rewards were set last.</param>
    /// <param name="report">Ẑ and r̄.</param>
    /// <param name="offset">v, how often E_π β is subtracted besides.</param>
    public void KeepCoefficients(int position, CoefficientTable kept, StrataTail tail, StrataReport report, double offset)
    {
        double mean = report.Reward + offset;
        Weigh(Head.Scores, HeadRewards, 1);
        kept.Add(position, Head.Items, _coefficients);
        if (tail.Count == 0)
            return;
        Weigh(tail.Scores, TailRewards, ((double)_items.Rows - Head.Count) / tail.Count);
        kept.Add(position, tail.Items, _coefficients);

        void Weigh(ReadOnlySpan<float> scores, ReadOnlySpan<float> rewards, double scale)
        {
            for (int j = 0; j < scores.Length; j++)
                _coefficients[j] = (float)(scale * Math.Exp(scores[j] - report.LogPartition) * ((rewards.IsEmpty ? 0 : rewards[j]) - mean));
        }
    }

    /// <summary>Keeps what the last context's sums over these items add to sums over more.</summary>
    /// <param name="part">Receives ln Ẑ, r̄, E_π[β] and E_π[r β] [2 L + 2].</param>
    /// <param name="report">Ẑ and r̄.</param>
    public void KeepPart(Span<float> part, StrataReport report)
    {
        int dimension = _items.Columns;
        (part[0], part[1]) = ((float)report.LogPartition, (float)report.Reward);
        new ReadOnlySpan<float>(Gradient.MeanItem, dimension).CopyTo(part[2..]);
        new ReadOnlySpan<float>(Gradient.MeanRewardedItem, dimension).CopyTo(part[(2 + dimension)..]);
    }

    /// <inheritdoc/>
    public void Dispose() => Gradient.Dispose();

    // Where the head is most of the catalogue, all draws may fall in it: they go on until one does not, since a tail without
    // draws would count as nothing.
    private StrataTail Rescue(in RandomDraws draws, uint first, float* h)
    {
        if (Head.Count >= _items.Rows)
            return Tail(_items, [], [], h, isWhole: true);
        uint draw = first;
        do
        {
            _kept[0] = draws.Below(draw++, (int)_items.Rows);
        }
        while (Head.Contains(_kept[0]));
        return Tail(_items, _kept.AsSpan(0, 1), _kept.AsSpan(0, 1), h, isWhole: Head.Count == _items.Rows - 1);
    }

    private void Fill(int context, ReadOnlySpan<int> items, float* drift, Span<float> rewards)
    {
        if (_setting.Objective.Kind == ObjectiveKind.LogLikelihood)
            rewards.Clear();
        else
            _setting.Rewards.Fill(context, items, rewards);
        _terms.AddPull(drift, items, rewards);
    }

    private StrataTail Tail(Matrix table, ReadOnlySpan<int> rows, ReadOnlySpan<int> items, float* h, bool isWhole)
    {
        Span<float> scores = _scores.AsSpan(0, rows.Length);
        RowScores.Gather(h, table, rows, scores);
        return new StrataTail(table, rows, items, scores, isWhole);
    }
}
