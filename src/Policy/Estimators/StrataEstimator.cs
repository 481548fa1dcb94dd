using System.Globalization;
using KernelPolicy.Index;
using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>
/// The strata estimator: the top K by MIPS and the items of known reward summed exactly, the rest by l uniform draws, own or
/// shared by the batch (algorithm.md, item 5).
/// </summary>
/// <remarks>
/// <para>With a budget a batch starts without an index and with few draws. Where its error is then within the budget, and no item
/// that was not drawn can hold a larger share of the policy than that, it is content; else the index is asked, and the tail
/// lengthened until the budget is met or the tail as long as it may be.</para>
/// <para>Each batch starts anew, so that a resumed training does as one that was never stopped.</para>
/// </remarks>
internal sealed unsafe class StrataEstimator : PerContextEstimator, IAheadRetrieval
{
    private readonly StrataOptions _options;
    private readonly IMipsIndex? _index;
    private readonly RetrievedHeads? _heads;
    private readonly CatalogueMoments _moments;
    private readonly Projection _projection = new();
    private readonly Matrix? _productByQuery;
    private readonly SharedTail? _shared;
    private readonly StrataScratch[] _scratch;
    private readonly StrataReport[] _reports;
    private readonly int _k;
    private readonly int _longest;
    private readonly bool _isDense;
    private int _length;

    public StrataEstimator(EstimatorSetting setting, StrataOptions options, IMipsIndex? index)
        : base(setting)
    {
        (_options, _index) = (options, index);
        _k = Math.Min(options.TopK, setting.Catalogue);
        _longest = Math.Min(options.RelativeError is null ? options.Tail : options.LongestTail, setting.Catalogue);
        _isDense = (!setting.Rewards.IsSparse && setting.Objective.Kind != ObjectiveKind.LogLikelihood) || setting.Objective.KlWeight > 0;
        _moments = CatalogueMoments.Compute(setting.Items, setting.Team);
        _productByQuery = options.Control ? new Matrix(setting.BatchSize, setting.Items.Columns) : null;
        _shared = options.Sharing == TailSharing.Batch ? new SharedTail(setting.Items, _longest) : null;
        _heads = _k > 0 ? new RetrievedHeads(setting, options, index!) : null;
        _reports = new StrataReport[setting.BatchSize];
        int headCapacity = (_heads?.Capacity ?? 0) + setting.Rewards.MostRewardedItems();
        _scratch = Enumerable.Range(0, setting.Team.Threads)
            .Select(_ => new StrataScratch(setting, _moments, headCapacity, _longest))
            .ToArray();
    }

    public override string Name => "strata";

    protected override string Method => string.Create(
        CultureInfo.InvariantCulture,
        $"{Name}/K={_options.TopK}/l={_options.Tail}/{_options.Sharing}{(_options.Control ? "/control" : "")}{Budget}{Reuse}/{_index?.Description ?? "none"}");

    public override IEstimatorMemory? Memory => _heads?.Memory;

    public override IMipsIndex? Index => _k > 0 ? _index : null;

    public override int RetrievedItems => _k;

    public bool RetrievesAhead => _k > 0 && _options is { RelativeError: null, Reuse: HeadReuse.None };

    protected override StrataStatistics Strata
    {
        get
        {
            StrataStatistics sum = default;
            for (int i = 0; i < Batch.Count; i++)
            {
                StrataReport report = _reports[i];
                sum = sum.Plus(new StrataStatistics(
                    1, report.PartitionError * report.PartitionError, report.GradientVariance, report.GradientSquare, report.TailDraws,
                    report.HeadItems, report.Missed, _heads is { IsSearched: true } ? 1 : 0));
            }

            return sum;
        }
    }

    private string Budget => _options.RelativeError is { } error
        ? string.Create(CultureInfo.InvariantCulture, $"/error={error}/longest={_options.LongestTail}")
        : "";

    private string Reuse => _options.Reuse switch
    {
        HeadReuse.None => "",
        HeadReuse.Instead => string.Create(CultureInfo.InvariantCulture, $"/every={_options.SearchEvery}/miss={_options.LargestMiss}"),
        _ => $"/{_options.Reuse}",
    };

    public void RetrieveAhead(EstimatorBatch batch, Action? between)
    {
        if (!RetrievesAhead)
            throw new InvalidOperationException("Heads are retrieved ahead where each step retrieves them: top K of 1 or more, no relative error, no reuse.");
        _heads!.RetrieveAhead(batch, between);
    }

    public override void Dispose()
    {
        _heads?.Dispose();
        _moments.Dispose();
        _productByQuery?.Dispose();
        _shared?.Dispose();
        foreach (StrataScratch scratch in _scratch)
            scratch.Dispose();
        base.Dispose();
    }

    public override void ItemsMoved(ReadOnlySpan<int> items) => _moments.UpdateNorms(Setting.Items, items);

    protected override void Prepare()
    {
        _length = Math.Min(_options.Tail, _longest);
        _heads?.Clear(Batch.Count);
        if (_options.RelativeError is null)
            _heads?.RecallOrSearch(Batch);
        if (_productByQuery is not null)
            _projection.Run(Batch.Projected, _moments.Product, _productByQuery, Batch.Count, Setting.Team);
        _shared?.Draw(SharedDraws(), _length);
    }

    protected override void EstimateContexts()
    {
        base.EstimateContexts();
        if (_options.RelativeError is { } target)
            MeetBudget(target);
        if (_options.Reuse == HeadReuse.Instead && !_heads!.IsSearched && MeanMiss() > _options.LargestMiss)
        {
            _heads.Search(Batch);
            base.EstimateContexts();
        }

        QuerySeconds = _heads?.QuerySeconds ?? 0;
    }

    protected override void EstimateContext(int position, int context, int worker, float* g)
    {
        StrataScratch scratch = _scratch[worker];
        float* h = Batch.Projected.RowPointer(position);
        scratch.Head.Set(
            h, Setting.Items, _heads is null ? [] : _heads.Items(position), _heads is null ? [] : _heads.Scores(position),
            Setting.Rewards.RewardedItems(context));
        StrataTail tail = _shared is not null
            ? scratch.TailOf(_shared, h, Draws(position))
            : scratch.OwnTail(Draws(position), _length, h);
        scratch.SetRewards(context, tail, Drift(position), _isDense);
        double total = Objective.Kind == ObjectiveKind.LogLikelihood
            ? scratch.Rewarded.AddLogLikelihood(Setting.Items, Setting.Rewards, context, g)
            : 0;
        float* productByQuery = _productByQuery is null ? null : _productByQuery.RowPointer(position);
        StrataReport report = scratch.Gradient.Estimate(
            h, productByQuery, scratch.Head, scratch.HeadRewards, tail, scratch.TailRewards, total, g);
        _reports[position] = report;
        if (Setting.Coefficients is { } coefficients)
            scratch.KeepCoefficients(position, coefficients, tail, report, total);
        Report(position, PlainReward(scratch, context, position, report), report.TailSampleSize, report.LargestDraw);
    }

    /// <summary>E_π[r̂] without the pull to the reference, whose mean is −λ (h − h_ref)·E_π[β].</summary>
    private double PlainReward(StrataScratch scratch, int context, int position, StrataReport report)
    {
        if (Objective.IsDefault)
            return report.Reward;
        return Setting.Rewards.IsSparse
            ? scratch.Rewarded.Mean(
                Setting.Items, Setting.Rewards, context, Batch.Projected.RowPointer(position), report.LogPartition)
            : report.Reward + (Objective.KlWeight * RowScores.Dot(Drift(position), scratch.Gradient.MeanItem, Setting.Items.Stride));
    }

    private RandomDraws SharedDraws() => new(Setting.Seed, RandomPurpose.SharedTail, Batch.Step, 0);

    private void MeetBudget(double target)
    {
        bool hasHeads = _heads is null;
        while (true)
        {
            double error = Strata.GradientError;
            bool isMet = error <= target;
            if (!hasHeads && !(isMet && LargestUnseenShare() <= target))
            {
                _heads!.RecallOrSearch(Batch);
                hasHeads = true;
            }
            else if (isMet || _length == _longest)
            {
                return;
            }
            else
            {
                Lengthen(error / target);
            }

            base.EstimateContexts();
        }
    }

    private double MeanMiss()
    {
        double sum = 0;
        for (int i = 0; i < Batch.Count; i++)
            sum += _reports[i].MissedShare;
        return sum / Batch.Count;
    }

    // The error falls as 1/√l; a tenth more than that asks for saves a further round. Few draws tell little of the error, so
    // that no round believes it further than to four times as many.
    private void Lengthen(double excess)
    {
        double wanted = double.IsFinite(excess) ? 1.1 * excess * excess * _length : double.PositiveInfinity;
        _length = (int)Math.Min(_longest, Math.Clamp(wanted, Math.Min((1.25 * _length) + 1, 4.0 * _length), 4.0 * _length));
        _shared?.Lengthen(SharedDraws(), _length);
    }

    // No score exceeds ‖h‖ max‖β‖: what the largest one could be of Ẑ.
    private double LargestUnseenShare()
    {
        double largest = 0;
        for (int i = 0; i < Batch.Count; i++)
        {
            double norm = Math.Sqrt(System.Numerics.Tensors.TensorPrimitives.SumOfSquares<float>(Batch.Projected.PaddedRow(i)));
            largest = Math.Max(largest, Math.Exp((norm * _moments.LargestNorm) - _reports[i].LogPartition));
        }

        return largest;
    }
}
