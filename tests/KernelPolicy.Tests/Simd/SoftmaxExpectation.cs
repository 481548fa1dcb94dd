using KernelPolicy.Kernels;
using KernelPolicy.Tests.Reference;
using KernelPolicy.Tests.Support;

namespace KernelPolicy.Tests.Simd;

/// <summary>What a softmax pass must give, in double precision; its tolerance is derived at <see cref="SoftmaxPassTests"/>.</summary>
internal sealed class SoftmaxExpectation
{
    private readonly double[,] _beta;
    private readonly double[][] _scores;
    private readonly double[] _scoreError;
    private readonly bool _rewards;

    public SoftmaxExpectation(Matrix items, Matrix queries, bool rewards, bool exactScores = false)
    {
        _beta = Seeded.Wide(items);
        _rewards = rewards;
        double[,] h = Seeded.Wide(queries), magnitudes = (double[,])_beta.Clone();
        for (int a = 0; a < magnitudes.GetLength(0); a++)
        {
            for (int l = 0; l < magnitudes.GetLength(1); l++)
                magnitudes[a, l] = Math.Abs(magnitudes[a, l]);
        }

        _scores = [.. Enumerable.Range(0, (int)queries.Rows).Select(b => Linear.Scores(Linear.Row(h, b), _beta))];
        Policy = [.. _scores.Select(f => Softmax.Weights(f))];
        _scoreError = [.. Enumerable.Range(0, (int)queries.Rows).Select(b => exactScores
            ? 0
            : Close.Gamma(items.Columns)
                * Linear.Scores([.. Linear.Row(h, b).Select(Math.Abs)], magnitudes).Max())];
    }

    public double[][] Policy { get; }

    /// <summary>ρ: the share by which a weight may be off.</summary>
    public double Share(int b)
    {
        int items = _scores[b].Length;
        double range = Math.Min(90, _scores[b].Max() - _scores[b].Min());
        return (2 * _scoreError[b]) + (Close.SingleUnit * range) + (9 * Close.SingleUnit * (1 + (items / 96.0))) + Close.Gamma(items);
    }

    public void Check(SoftmaxPass pass, string what)
    {
        for (int b = 0; b < _scores.Length; b++)
        {
            double[] pi = Policy[b], f = _scores[b];
            int[] all = [.. Enumerable.Range(0, f.Length)];
            double[] r = [.. all.Select(a => _rewards ? (double)BlockReward.Of(b, a) : 0)];
            double[] rewarded = [.. all.Select(a => pi[a] * r[a])];
            double share = Share(b);
            Close.Values([pass.LogZ[b]], [Softmax.LogSumExp(f)], share, 1e-15, $"{what}: ln Z of query {b}");
            Close.Values(
                [pass.MeanReward[b]], [rewarded.Sum()], 2 * share * rewarded.Sum(Math.Abs), 0, $"{what}: E r of query {b}");
            CheckSum(pass.MeanItem.Row(b), all, pi, share, $"{what}: E β of query {b}");
            CheckSum(pass.MeanRewardedItem.Row(b), all, rewarded, share, $"{what}: E rβ of query {b}");
        }
    }

    private void CheckSum(ReadOnlySpan<float> actual, int[] items, double[] weights, double share, string what)
    {
        double[] allowed = new double[actual.Length];
        for (int l = 0; l < allowed.Length; l++)
        {
            // The product by β and the rounding of the result: 2u more.
            foreach (int a in items)
                allowed[l] += (2 * (share + Close.SingleUnit)) * Math.Abs(weights[a] * _beta[a, l]);
        }

        Close.Within(actual, Linear.WeightedRows(items, weights, _beta), allowed, what);
    }
}
