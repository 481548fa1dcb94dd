using CsCheck;
using KernelPolicy.Kernels;
using KernelPolicy.Tests.Reference;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Simd;

public class ImportanceWeightsTests
{
    [Test]
    public void All_lengths([Values] bool counted)
    {
        for (int n = 1; n <= 256; n++)
        {
            float[] logs = Seeded.Floats(n, n, 3);
            float[] counts = counted ? [.. Seeded.Items(n, n, 5).Select(c => 1f + c)] : [];
            double[] all = [.. Enumerable.Range(0, n).Select(j => logs[j] + Math.Log(counted ? counts[j] : 1))];
            double[] expected = Softmax.Weights(all);
            float[] weights = [.. logs];
            WeightStatistics statistics = ImportanceWeights.SelfNormalise(weights, counts);

            // f − m is exact to u·|f − m| < 30u, the exponential to 4u, a sum of n to γ_n, product and quotient to 2u.
            double share = (38 * Close.SingleUnit) + (2 * Close.Gamma(n));
            Close.Values(weights, expected, 0, share, $"weights of {n}");
            double[] draws = [.. Enumerable.Range(0, n).Select(j => expected[j] / (counted ? counts[j] : 1))];
            double squares = Enumerable.Range(0, n).Sum(j => (counted ? counts[j] : 1) * draws[j] * draws[j]);
            Close.Values([statistics.EffectiveSampleSize], [1 / squares], 0, 3 * share, $"sample size of {n}");
            Close.Values([statistics.LargestWeight], [draws.Max()], 0, share, $"largest weight of {n}");
            Close.Values([statistics.LogSum], [Softmax.LogSumExp(all)], share, 1e-15, $"ln Σ of {n}");
        }
    }

    [Test]
    public void Weights_sum_to_one_and_the_sample_size_lies_between_one_and_the_number() =>
        Gen.Float[-1e4f, 1e4f].Array[1, 60].Sample(
            logs =>
            {
                float[] weights = [.. logs];
                WeightStatistics statistics = ImportanceWeights.SelfNormalise(weights, []);
                double sum = weights.Sum(w => (double)w), slack = (logs.Length + 8) * 4 * Close.SingleUnit;
                return Math.Abs(sum - 1) <= slack && weights.All(w => w >= 0)
                    && statistics.EffectiveSampleSize >= 1 - slack
                    && statistics.EffectiveSampleSize <= logs.Length * (1 + slack)
                    && statistics.LargestWeight <= 1 + slack && statistics.LargestWeight >= (1 - slack) / logs.Length;
            },
            iter: 3000, threads: 1);

    /// <summary>Scores on a grid of 1/1024 and a whole shift: f + c is exact, so the weights must agree bit for bit.</summary>
    [Test]
    public void A_shift_of_all_scores_changes_nothing() =>
        Gen.Select(Gen.Int[-5000, 5000].Array[1, 40], Gen.Int[-4000, 4000]).Sample(
            (grid, shift) =>
            {
                float[] plain = [.. grid.Select(g => g / 1024f)], shifted = [.. grid.Select(g => (g / 1024f) + shift)];
                double before = ImportanceWeights.SelfNormalise(plain, []).LogSum;
                double after = ImportanceWeights.SelfNormalise(shifted, []).LogSum;
                return plain.AsSpan().SequenceEqual(shifted) && Math.Abs(after - before - shift) < 1e-9;
            },
            iter: 3000, threads: 1);

    [Test]
    public void Huge_scores_and_weights_of_zero()
    {
        float[] weights = [-1e4f, 1e4f, float.NegativeInfinity, 1e4f, -3e38f];
        WeightStatistics statistics = ImportanceWeights.SelfNormalise(weights, []);
        Assert.That(weights, Is.EqualTo(new[] { 0, 0.5f, 0, 0.5f, 0 }));
        Assert.That(statistics.EffectiveSampleSize, Is.EqualTo(2).Within(1e-6));
        Assert.That(statistics.LargestWeight, Is.EqualTo(0.5).Within(1e-7));
        Assert.That(statistics.LogSum, Is.EqualTo(1e4 + Math.Log(2)).Within(1e-6));
    }

    [Test]
    public void Coefficients_are_the_covariances()
    {
        for (int n = 1; n <= 256; n++)
        {
            float[] weights = Seeded.Floats(n, n, 3), rewards = Seeded.Floats(-n, n);
            ImportanceWeights.SelfNormalise(weights, []);
            double[] w = Seeded.Wide(weights), r = Seeded.Wide(rewards);
            double mean = Linear.Dot(w, r);

            // r̄ is off by γ_n Σ|w r|, r − r̄ and the product by u each.
            double meanError = Close.Gamma(n) * w.Zip(r, (a, b) => Math.Abs(a * b)).Sum();
            float[] coefficients = [.. weights];
            float reported = ImportanceWeights.ToCovarianceCoefficients(coefficients, rewards);
            Close.Values([reported], [mean], meanError, 0, $"mean of {n}");
            Close.Within(
                coefficients,
                [.. w.Zip(r, (a, b) => a * (b - mean))],
                [.. w.Zip(r, (a, b) => a * (meanError + (3 * Close.SingleUnit * (Math.Abs(b) + Math.Abs(mean)))))],
                $"coefficients of {n}");
        }
    }

    [Test]
    public void A_constant_reward_gives_coefficients_of_zero() =>
        Gen.Select(Gen.Float[-50f, 50f].Array[1, 60], Gen.Int[-1000, 1000]).Sample(
            (logs, thousandths) =>
            {
                float reward = thousandths / 1000f;
                float[] weights = [.. logs], rewards = [.. logs.Select(_ => reward)];
                ImportanceWeights.SelfNormalise(weights, []);
                float[] coefficients = [.. weights];
                ImportanceWeights.ToCovarianceCoefficients(coefficients, rewards);

                // Σw is 1 to within 2γ_n, so r̄ is r to within as much of |r|.
                double allowed = ((3 * Close.Gamma(logs.Length)) + (4 * Close.SingleUnit)) * Math.Abs(reward);
                return coefficients.Zip(weights, (c, w) => Math.Abs(c) <= w * allowed).All(close => close);
            },
            iter: 2000, threads: 1);
}
