using System.Diagnostics;
using System.Globalization;
using KernelPolicy.Index;
using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>
/// The paper's estimator (Algorithm 1): the top K by MIPS, S draws from q = ε·uniform + (1−ε)·κ, self-normalised weights
/// ω = e^f/q, g = Σ_s w̄_s (r_s − r̄) β_{a_s}.
/// </summary>
/// <remarks>
/// Draws of the same head item have the same weight, so that they are counted and each distinct item is gathered once:
/// the sum over S draws, with K + (draws outside the head) rows at most. ε is one number, or with
/// <see cref="MixtureOptions.IsAdaptive"/> that of <see cref="AdaptiveEpsilon"/> for each context.
/// </remarks>
internal sealed unsafe class MixtureEstimator : PerContextEstimator
{
    private readonly MixtureOptions _options;
    private readonly IMipsIndex _index;
    private readonly TopK _head;
    private readonly Scratch[] _scratch;
    private readonly SharedTail? _pilot;
    private readonly double[] _epsilons;
    private readonly int _k;

    public MixtureEstimator(EstimatorSetting setting, MixtureOptions options, IMipsIndex index)
        : base(setting)
    {
        _options = options;
        _index = index;
        _k = Math.Min(options.TopK, setting.Catalogue);
        _head = new TopK(setting.BatchSize, _k);
        _pilot = options.IsAdaptive ? new SharedTail(setting.Items, AdaptiveEpsilon.PilotDraws) : null;
        _epsilons = new double[options.IsAdaptive ? setting.BatchSize : 0];
        double first = options.IsAdaptive ? AdaptiveEpsilon.Largest : options.Epsilon;
        _scratch = Enumerable.Range(0, setting.Team.Threads)
            .Select(_ => new Scratch(
                new MixtureProposal(setting.Catalogue, first, _k), setting, options.Samples + _k,
                options.IsAdaptive ? new EpsilonPilot(setting, _k) : null))
            .ToArray();
    }

    public override string Name => "mixture";

    protected override string Method => string.Create(
        CultureInfo.InvariantCulture,
        $"{Name}/S={_options.Samples}/K={_options.TopK}/epsilon={(_pilot is null ? _options.Epsilon : "auto")}/{_options.Sampler}/{_index.Description}");

    public override IMipsIndex? Index => _index;

    public override int RetrievedItems => _k;

    protected override double Epsilon
    {
        get
        {
            double sum = 0;
            for (int i = 0; i < Batch.Count; i++)
                sum += _pilot is null ? double.NaN : _epsilons[i];
            return sum / Batch.Count;
        }
    }

    public override void Dispose()
    {
        _pilot?.Dispose();
        foreach (Scratch scratch in _scratch)
            scratch.Pilot?.Dispose();
        base.Dispose();
    }

    protected override void Prepare()
    {
        _pilot?.Draw(new RandomDraws(Setting.Seed, RandomPurpose.SharedTail, Batch.Step, 0), AdaptiveEpsilon.PilotDraws);
        long start = Stopwatch.GetTimestamp();
        _index.Search(Batch.Projected, Batch.Count, _k, _head, Setting.Team);
        QuerySeconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    protected override void EstimateContext(int position, int context, int worker, float* g)
    {
        Scratch scratch = _scratch[worker];
        ReadOnlySpan<int> head = _head.Items(position);
        ReadOnlySpan<float> headScores = _head.Scores(position);
        MixtureProposal proposal = scratch.Proposal;
        proposal.SetHead(head, headScores);
        if (_pilot is not null)
        {
            proposal.Epsilon = _epsilons[position] = scratch.Pilot!.Choose(
                context, Batch.Projected.RowPointer(position), Drift(position), proposal, head, headScores, _pilot.Items, _options.Samples);
        }

        // Distinct items: first the head's that were drawn, then the tail's draws.
        int tailCount = proposal.Draw(Draws(position), _options.Samples, _options.Sampler, scratch.Tail);
        ReadOnlySpan<int> counts = proposal.HeadCounts;
        int n = 0;
        for (int k = 0; k < head.Length; k++)
        {
            if (counts[k] == 0)
                continue;
            scratch.Items[n] = head[k];
            scratch.Counts[n] = counts[k];
            scratch.Weights[n++] = (float)(headScores[k] - proposal.HeadLogDensity(k));
        }

        Span<int> tail = scratch.Items.AsSpan(n, tailCount);
        scratch.Tail.AsSpan(0, tailCount).CopyTo(tail);
        Span<float> tailWeights = scratch.Weights.AsSpan(n, tailCount);
        RowScores.Gather(Batch.Projected.RowPointer(position), Setting.Items, tail, tailWeights);
        System.Numerics.Tensors.TensorPrimitives.Subtract(tailWeights, (float)proposal.TailLogDensity, tailWeights);
        scratch.Counts.AsSpan(n, tailCount).Fill(1);
        n += tailCount;

        if (n == 0)
        {
            // No item has a score that is a number, and none was drawn uniformly: the trainer must hear of it.
            new Span<float>(g, Setting.Items.Columns).Fill(float.NaN);
            Report(position, double.NaN);
            return;
        }

        ReadOnlySpan<int> items = scratch.Items.AsSpan(0, n);
        Span<float> weights = scratch.Weights.AsSpan(0, n), rewards = scratch.Rewards.AsSpan(0, n);
        WeightStatistics statistics = ImportanceWeights.SelfNormalise(weights, scratch.Counts.AsSpan(0, n));
        double mean = scratch.Terms.Add(context, Drift(position), items, weights, rewards, g);
        Keep(position, items, weights);
        Report(position, mean, statistics.EffectiveSampleSize, statistics.LargestWeight);
    }

    private sealed class Scratch(MixtureProposal proposal, EstimatorSetting setting, int capacity, EpsilonPilot? pilot)
    {
        public MixtureProposal Proposal { get; } = proposal;

        public EpsilonPilot? Pilot { get; } = pilot;

        public ObjectiveTerms Terms { get; } = new(setting, capacity);

        public int[] Items { get; } = new int[capacity];

        public int[] Tail { get; } = new int[capacity];

        public float[] Counts { get; } = new float[capacity];

        public float[] Weights { get; } = new float[capacity];

        public float[] Rewards { get; } = new float[capacity];
    }
}
