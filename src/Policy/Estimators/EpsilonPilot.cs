using System.Numerics.Tensors;
using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>Finds what <see cref="AdaptiveEpsilon"/> needs to know of a context.</summary>
/// <remarks>Not thread-safe: one a worker. Allocates nothing after construction.</remarks>
internal sealed unsafe class EpsilonPilot : IDisposable
{
    private readonly EstimatorSetting _setting;
    private readonly ObjectiveTerms _terms;
    private readonly Matrix _meanItem;
    private readonly int[] _items;
    private readonly float[] _scores;
    private readonly float[] _rewards;
    private readonly float[] _shares;
    private readonly float[] _lengths;

    /// <summary>Makes room for heads of up to <paramref name="longestHead"/> items.</summary>
    public EpsilonPilot(EstimatorSetting setting, int longestHead)
    {
        int capacity = longestHead + setting.Rewards.MostRewardedItems() + AdaptiveEpsilon.PilotDraws;
        _setting = setting;
        _terms = new ObjectiveTerms(setting, capacity);
        _meanItem = new Matrix(1, setting.Items.Columns);
        _items = new int[capacity];
        _scores = new float[capacity];
        _rewards = new float[capacity];
        _shares = new float[capacity];
        _lengths = new float[capacity];
    }

    /// <summary>ε* of one context.</summary>
    /// <param name="context">Which.</param>
    /// <param name="h">h of the context, padded.</param>
    /// <param name="drift">h − h_ref, padded; null where nothing pulls to a reference.</param>
    /// <param name="proposal">The proposal, its head set.</param>
    /// <param name="head">α_K.</param>
    /// <param name="headScores">f of the head.</param>
    /// <param name="draws">Uniform draws of the whole catalogue.</param>
    /// <param name="samples">S.</param>
    public double Choose(
        int context, float* h, float* drift, MixtureProposal proposal, ReadOnlySpan<int> head, ReadOnlySpan<float> headScores,
        ReadOnlySpan<int> draws, int samples)
    {
        ReadOnlySpan<int> known = _setting.Rewards.RewardedItems(context);
        head.CopyTo(_items);
        headScores.CopyTo(_scores);
        int outside = head.Length;
        foreach (int item in known)
        {
            if (!proposal.IsInHead(item))
                _items[outside++] = item;
        }

        int end = outside;
        foreach (int item in draws)
        {
            if (!proposal.IsInHead(item) && !known.Contains(item))
                _items[end++] = item;
        }

        ReadOnlySpan<int> items = _items.AsSpan(0, end);
        RowScores.Gather(h, _setting.Items, items[head.Length..], _scores.AsSpan(head.Length));
        _setting.Rewards.Fill(context, items, _rewards.AsSpan(0, end));
        _terms.AddPull(drift, items, _rewards.AsSpan(0, end));
        int pilot = end - outside;
        FillLengths(items, outside, pilot == 0 ? 0 : (float)(_setting.Catalogue - outside) / pilot);

        ScoredRewards top = Part(0, head.Length), rewarded = Part(head.Length, outside), rest = Part(outside, end);
        return _setting.Objective.Kind == ObjectiveKind.LogLikelihood
            ? AdaptiveEpsilon.ChooseForMean(top, rewarded, rest, _setting.Catalogue, samples)
            : AdaptiveEpsilon.Choose(top, rewarded, rest, _setting.Catalogue, samples);
    }

    /// <inheritdoc/>
    public void Dispose() => _meanItem.Dispose();

    private ScoredRewards Part(int from, int to) => new(_scores.AsSpan(from..to), _rewards.AsSpan(from..to), _lengths.AsSpan(from..to));

    /// <summary>‖β_a − β̄‖² of the items, β̄ their mean under π with each draw of the pilot standing for some.</summary>
    private void FillLengths(ReadOnlySpan<int> items, int exact, float timesPilot)
    {
        Span<float> shares = _shares.AsSpan(0, items.Length), lengths = _lengths.AsSpan(0, items.Length);
        TensorPrimitives.Subtract(_scores.AsSpan(0, items.Length), TensorPrimitives.Max<float>(_scores.AsSpan(0, items.Length)), shares);
        TensorPrimitives.Exp<float>(shares, shares);
        TensorPrimitives.Multiply(shares[exact..], timesPilot, shares[exact..]);
        TensorPrimitives.Divide(shares, TensorPrimitives.Sum<float>(shares), shares);
        Span<float> mean = _meanItem.PaddedRow(0);
        mean.Clear();
        WeightedRows.Accumulate(_setting.Items, items, shares, _meanItem.Pointer);
        for (int i = 0; i < items.Length; i++)
        {
            float distance = TensorPrimitives.Distance<float>(_setting.Items.PaddedRow(items[i]), mean);
            lengths[i] = distance * distance;
        }
    }
}
