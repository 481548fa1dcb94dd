using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>Slates drawn from the softmax policy by lazy Gumbel noise, with their propensities.</summary>
/// <remarks>Not thread-safe: one a worker.</remarks>
internal sealed unsafe class SoftmaxSlate
{
    private const int LeastRoom = 1024;
    private const int MostRoom = 1 << 18;

    private readonly Matrix _items;
    private readonly double _gap;
    private readonly LazyGumbel _gumbel;
    private readonly PartitionEstimate _partition;
    private readonly PerturbedItem[] _slate;
    private readonly double[] _logits;
    private readonly double[] _logPropensities;
    private readonly double[] _errors;

    public SoftmaxSlate(Matrix items, ExplorationOptions options, int headCapacity, int slateCapacity)
    {
        (_items, _gap) = (items, options.Gap);

        // By P alone: which way a tail is drawn decides which items come, and a slate must not depend on capacities.
        _gumbel = new LazyGumbel((int)Math.Clamp(items.Rows / 8, LeastRoom, MostRoom));
        _partition = new PartitionEstimate(headCapacity, options.TailDraws);
        _slate = new PerturbedItem[slateCapacity];
        (_logits, _logPropensities, _errors) = (new double[slateCapacity], new double[slateCapacity], new double[slateCapacity]);
    }

    public ExplorationReport Fill<TSet>(
        float* h, in TSet allowed, CandidateHead head, in ExplorationDraws draws, Span<ExploredItem> slate)
        where TSet : struct, IItemSet
    {
        int tailItems = head.Outside;
        LazyGumbelReport drawn = _gumbel.Draw(h, _items, allowed, head, _gap, draws, _slate.AsSpan(0, slate.Length));
        ReadOnlySpan<PerturbedItem> served = _slate.AsSpan(0, drawn.Count);
        PartitionReport rest = _partition.Estimate(h, _items, allowed, head, _gap, served, draws);
        double missedLog = Math.Log(rest.MissedShare) + rest.LogRest, bound = head.LeastRetrieved + _gap;
        for (int i = 0; i < served.Length; i++)
        {
            PerturbedItem item = served[i];
            _logits[i] = item.Score * head.InverseTemperature;
            if (item.IsTail && CandidateHead.Exceeds(item.Score, bound, h, _items.RowPointer(item.Item), _items.Stride))
                missedLog = Exponentials.LogSum(missedLog, _logits[i]);
        }

        SlatePropensity.Fill(_logits.AsSpan(0, served.Length), rest.LogRest, rest.RelativeError, _logPropensities, _errors);
        for (int i = 0; i < served.Length; i++)
        {
            double log = _logPropensities[i];
            slate[i] = new ExploredItem(served[i].Item, served[i].Score, Math.Exp(log), log, _errors[i], served[i].IsTail);
        }

        double logZ = served.IsEmpty ? 0 : _logits[0] - _logPropensities[0];
        return new ExplorationReport(
            served.Length, head.Count, tailItems, drawn.TailDraws, drawn.Missed + rest.Missed, Math.Exp(missedLog - logZ));
    }
}
