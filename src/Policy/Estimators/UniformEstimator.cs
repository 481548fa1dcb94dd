using KernelPolicy.Kernels;

namespace KernelPolicy.Policy;

/// <summary>
/// The covariance gradient with the uniform proposal (ε = 1): S uniform draws, w̄ = softmax of their scores,
/// g = Σ_s w̄_s (r_s − r̄) β_{a_s}. No index; cost does not depend on P.
/// </summary>
internal sealed unsafe class UniformEstimator : PerContextEstimator
{
    private readonly UniformOptions _options;
    private readonly Scratch[] _scratch;

    public UniformEstimator(EstimatorSetting setting, UniformOptions options)
        : base(setting)
    {
        _options = options;
        _scratch = Enumerable.Range(0, setting.Team.Threads).Select(_ => new Scratch(setting, options.Samples)).ToArray();
    }

    public override string Name => "uniform";

    protected override string Method => $"{Name}/S={_options.Samples}";

    protected override void EstimateContext(int position, int context, int worker, float* g)
    {
        (int[] items, float[] weights, float[] rewards, ObjectiveTerms terms) = _scratch[worker];
        UniformProposal.Draw(Draws(position), Setting.Catalogue, items);
        RowScores.Gather(Batch.Projected.RowPointer(position), Setting.Items, items, weights);
        WeightStatistics statistics = ImportanceWeights.SelfNormalise(weights, counts: []);
        double mean = terms.Add(context, Drift(position), items, weights, rewards, g);
        Keep(position, items, weights);
        Report(position, mean, statistics.EffectiveSampleSize, statistics.LargestWeight);
    }

    private sealed class Scratch(EstimatorSetting setting, int samples)
    {
        private readonly int[] _items = new int[samples];
        private readonly float[] _weights = new float[samples];
        private readonly float[] _rewards = new float[samples];
        private readonly ObjectiveTerms _terms = new(setting, samples);

        public void Deconstruct(out int[] items, out float[] weights, out float[] rewards, out ObjectiveTerms terms) =>
            (items, weights, rewards, terms) = (_items, _weights, _rewards, _terms);
    }
}
