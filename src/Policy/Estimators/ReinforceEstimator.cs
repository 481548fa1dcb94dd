using System.Numerics.Tensors;
using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>
/// REINFORCE (Williams 1992), the paper's baseline, O(P·L) a context: S draws from π by the full softmax,
/// g = (1/S) Σ_s (r_s − b)(β_{a_s} − E_π[β]), b = 0 or the mean reward of the draws.
/// </summary>
internal sealed unsafe class ReinforceEstimator : PerContextEstimator
{
    private readonly ReinforceOptions _options;
    private readonly SoftmaxWeights _weights = new();
    private readonly SoftmaxPass _pass;
    private readonly Scratch[] _scratch;

    public ReinforceEstimator(EstimatorSetting setting, ReinforceOptions options)
        : base(setting)
    {
        _options = options;
        _pass = new SoftmaxPass(setting.BatchSize, setting.Items.Columns) { KeepWeights = _weights };
        _scratch = Enumerable.Range(0, setting.Team.Threads).Select(_ => new Scratch(setting, options.Samples)).ToArray();
    }

    public override string Name => _options.Baseline ? "reinforce+baseline" : "reinforce";

    protected override string Method => $"{Name}/S={_options.Samples}";

    public override void Dispose()
    {
        _pass.Dispose();
        _weights.Dispose();
        base.Dispose();
    }

    protected override void Prepare() => _pass.Run(Setting.Items, Batch.Projected, Batch.Count, null, Setting.Team);

    protected override void EstimateContext(int position, int context, int worker, float* g)
    {
        Scratch scratch = _scratch[worker];
        Span<double> cumulative = scratch.Cumulative(_weights.Blocks);
        _weights.Cumulate(position, _pass.LogZ[position], cumulative);
        RandomDraws draws = Draws(position);
        for (int s = 0; s < scratch.Units.Length; s++)
            scratch.Units[s] = draws.Uniform((uint)s);
        _weights.Draw(position, cumulative, scratch.Units, scratch.Items);
        Setting.Rewards.Fill(context, scratch.Items, scratch.Rewards);
        double mean = TensorPrimitives.Sum<float>(scratch.Rewards) / _options.Samples;
        scratch.Terms.AddPull(Drift(position), scratch.Items, scratch.Rewards);
        float baseline = _options.Baseline ? TensorPrimitives.Sum<float>(scratch.Rewards) / _options.Samples : 0;
        int kept = 0;
        double total = 0;
        for (int s = 0; s < scratch.Items.Length; s++)
        {
            float c = (scratch.Rewards[s] - baseline) / _options.Samples;
            if (c == 0)
                continue;
            scratch.Items[kept] = scratch.Items[s];
            scratch.Rewards[kept++] = c;
            total += c;
        }

        Keep(position, scratch.Items.AsSpan(0, kept), scratch.Rewards.AsSpan(0, kept));
        Setting.Coefficients?.AddSoftmax(position, _pass.LogZ[position], -total);
        WeightedRows.Accumulate(Setting.Items, scratch.Items.AsSpan(0, kept), scratch.Rewards.AsSpan(0, kept), g);
        Span<float> sum = new(g, Setting.Items.Stride);
        TensorPrimitives.MultiplyAdd(_pass.MeanItem.PaddedRow(position), -(float)total, sum, sum);
        Report(position, mean);
    }

    private sealed class Scratch(EstimatorSetting setting, int samples)
    {
        private double[] _cumulative = [];

        public ObjectiveTerms Terms { get; } = new(setting, samples);

        public double[] Units { get; } = new double[samples];

        public int[] Items { get; } = new int[samples];

        public float[] Rewards { get; } = new float[samples];

        public Span<double> Cumulative(int blocks)
        {
            if (_cumulative.Length < blocks)
                _cumulative = new double[blocks];
            return _cumulative.AsSpan(0, blocks);
        }
    }
}
