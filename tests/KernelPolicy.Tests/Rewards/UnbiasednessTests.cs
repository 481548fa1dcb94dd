using KernelPolicy.Policy;
using KernelPolicy.Tests.Reference;
using KernelPolicy.Tests.Support;
using NUnit.Framework;

namespace KernelPolicy.Tests.Rewards;

/// <summary>
/// Value of a policy and the gradient's coefficients, Σ_a π r̂ and Σ_a π (r̂ − r̄) β, mean over simulated logs, against their true
/// values: 4.5 standard errors (<see cref="Statistic.Z"/>).
/// </summary>
public sealed class UnbiasednessTests
{
    private const int P = 15;
    private const int Rows = 200_000;
    private const int L = 3;

    private readonly double[] _logging = Softmax.Weights([.. Enumerable.Range(0, P).Select(a => Math.Sin(2.3 * a))]);
    private readonly double[] _target = Softmax.Weights([.. Enumerable.Range(0, P).Select(a => 1.2 * Math.Cos(1.1 * a))]);
    private readonly double[] _chance = [.. Enumerable.Range(0, P).Select(a => 0.5 + (0.45 * Math.Sin(0.7 * a)))];
    private readonly double[,] _beta = Seeded.Wide(Seeded.Matrix(3, P, L));

    [Test]
    public void Ips_is_unbiased_in_value_and_gradient() =>
        AssertMeans(log => new LoggedReward(log, PropensityWeighting.Inverse), 0, isUnbiased: true);

    /// <summary>A translation b moves the value by b and leaves the gradient.</summary>
    [Test]
    public void A_translation_moves_the_value_alone() =>
        AssertMeans(log => new LoggedReward(log, PropensityWeighting.Inverse, 0.4), -0.4, isUnbiased: true);

    /// <summary>Whatever its model says.</summary>
    [Test]
    public void Doubly_robust_is_unbiased_with_a_wrong_model() =>
        AssertMeans(log => new DoublyRobustReward(log, new WrongModel(), PropensityWeighting.Inverse), 0, isUnbiased: true);

    /// <summary>That the test can tell: clipping at 0.1, above many of the propensities, understates.</summary>
    [Test]
    public void Clipping_is_not() =>
        AssertMeans(log => new LoggedReward(log, PropensityWeighting.Clipped(0.1)), 0, isUnbiased: false);

    /// <summary>With the model true, the residual is noise of mean zero under any weight.</summary>
    [Test]
    public void Clipped_doubly_robust_is_unbiased_with_the_true_model() =>
        AssertMeans(log => new DoublyRobustReward(log, new TrueModel(_chance), PropensityWeighting.Clipped(0.1)), 0, isUnbiased: true);

    private void AssertMeans(Func<LoggedFeedback, IRewardSource> make, double shift, bool isUnbiased)
    {
        IRewardSource source = make(Simulate());
        int[] all = [.. Enumerable.Range(0, P)];
        float[] r = new float[P];
        double[] mean = new double[1 + L], squares = new double[1 + L];
        double[] item = Linear.WeightedRows(all, _target, _beta);
        for (int row = 0; row < Rows; row++)
        {
            source.Fill(row, all, r);
            for (int k = 0; k <= L; k++)
            {
                // Σ π r̂ and, for g, Σ π r̂ (β − E β).
                double value = 0;
                for (int a = 0; a < P; a++)
                    value += _target[a] * r[a] * (k == 0 ? 1 : _beta[a, k - 1] - item[k - 1]);
                mean[k] += value / Rows;
                squares[k] += value * value / Rows;
            }
        }

        double[] expected =
            [Linear.Dot(_target, _chance) + shift, .. Estimates.Covariance(all, _target, _chance, _beta)];
        if (!isUnbiased)
        {
            Assert.That(expected[0] - mean[0], Is.GreaterThan(10 * StandardError(0)));
            return;
        }

        // Rewards are rounded to single precision: at most u times their size, which is below 1/min p ≈ 100.
        for (int k = 0; k <= L; k++)
            Statistic.AssertMean(mean[k], StandardError(k), expected[k], 100 * Close.SingleUnit, k == 0 ? "value" : $"g[{k - 1}]");

        double StandardError(int k) => Math.Sqrt((squares[k] - (mean[k] * mean[k])) / Rows);
    }

    private LoggedFeedback Simulate()
    {
        Random random = new(42);
        int[] actions = new int[Rows];
        double[] propensities = new double[Rows], rewards = new double[Rows];
        for (int row = 0; row < Rows; row++)
        {
            double left = random.NextDouble();
            int a = 0;
            while (a < P - 1 && left >= _logging[a])
                left -= _logging[a++];
            (actions[row], propensities[row], rewards[row]) = (a, _logging[a], random.NextDouble() < _chance[a] ? 1 : 0);
        }

        return new LoggedFeedback(actions, propensities, rewards, P);
    }

    private sealed class WrongModel : IRewardModel
    {
        public int Count => Rows;

        public void Predict(int context, ReadOnlySpan<int> items, Span<float> rewards)
        {
            for (int i = 0; i < items.Length; i++)
                rewards[i] = 0.3f + (0.1f * (items[i] % 5));
        }
    }

    private sealed class TrueModel(double[] chance) : IRewardModel
    {
        public int Count => Rows;

        public void Predict(int context, ReadOnlySpan<int> items, Span<float> rewards)
        {
            for (int i = 0; i < items.Length; i++)
                rewards[i] = (float)chance[items[i]];
        }
    }
}
